def test_documents_are_listed_with_what_is_modelled_and_seen(plane):
    plane.note()
    plane.note()
    plane.note(status=422)
    assert plane("listContracts").body == {
        "profile": "spec",
        "contracts": [
            {
                "provider": "toy",
                "title": "A toy",
                "version": "1.2",
                "base_url": "http://127.0.0.1:4010/toy",
                "variable": "TOY_BASE_URL",
                "document": "http://127.0.0.1:4010/_mock/contracts/toy/openapi.json",
                "operations": [
                    {
                        "operation": "create_job",
                        "method": "POST",
                        "path": "/toy/jobs",
                        "modelled": True,
                        "documented": ["201", "422"],
                        "seen": {"201": 2, "422": 1},
                    }
                ],
            }
        ],
    }


def test_the_effective_document_names_this_server(plane):
    document = plane("getContract", path={"provider": "toy"}).body
    assert document["servers"] == [{"url": "http://127.0.0.1:4010/toy", "description": "This mock"}]
    assert document["info"]["title"] == "Toy"


def test_the_control_plane_has_a_document_too(plane):
    document = plane("getContract", path={"provider": "control"}).body
    assert document["servers"][0]["url"] == "http://127.0.0.1:4010/_mock"
    assert document["paths"].keys() >= {"/clock", "/worlds"}


def test_an_unknown_provider_names_the_known_ones(plane):
    response = plane("getContract", path={"provider": "acme"})
    assert response.status == 404
    assert "toy, control" in response.body["hint"]
