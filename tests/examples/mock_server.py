from contratempo.testing import MockServer

with MockServer(clock="2026-03-15T09:00:00Z") as server:
    world = server.world()
    print(world.environment)  # TELNYX_BASE_URL, TELNYX_API_KEY, ...
    world.clock.advance("1h30m")
    print(world.clock.now(), world.timeline())
