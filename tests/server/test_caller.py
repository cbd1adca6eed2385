from contratempo.server.caller import caller_of


def test_a_caller_is_told_by_a_digest_that_is_not_the_token():
    one, again, other = map(caller_of, ("Bearer secret-1", "bearer secret-1", "Bearer secret-2"))
    assert one == again != other
    assert (one.token, "secret" in one.digest) == ("secret-1", False)


def test_who_sends_no_token_is_nobody_in_particular():
    assert caller_of("") == caller_of("Basic a2V5") == caller_of("Bearer ")


def test_of_those_who_called_only_the_latest_are_remembered():
    for number in range(1_000):
        caller_of(f"Bearer {number}")
    assert caller_of.cache_info().currsize == caller_of.cache_info().maxsize == 256
