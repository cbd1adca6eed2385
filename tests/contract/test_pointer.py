import pytest

from contratempo.contract.pointer import find, from_pointer, to_pointer


def test_a_pointer_escapes_slashes_and_tildes_and_comes_back():
    parts = ("paths", "/a/{b}", "x~y", "0")
    assert to_pointer(parts) == "/paths/~1a~1{b}/x~0y/0"
    assert from_pointer(to_pointer(parts)) == parts


def test_a_fragment_is_percent_decoded():
    assert from_pointer("#/paths/~1a~1%7Bb%7D") == ("paths", "/a/{b}")


def test_the_root_is_the_empty_pointer():
    assert from_pointer("#") == from_pointer("") == ()


def test_a_plain_name_is_no_pointer():
    with pytest.raises(ValueError, match="not a JSON pointer"):
        from_pointer("#name")


def test_find_walks_objects_and_lists():
    assert find({"a": [{"b": 1}]}, ("a", "0", "b")) == 1


@pytest.mark.parametrize("parts", [("b",), ("a", "2"), ("a", "x"), ("a", 0, "b")])
def test_find_says_what_is_not_there(parts):
    with pytest.raises(KeyError):
        find({"a": [1]}, parts)
