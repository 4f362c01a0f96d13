"""The front door of the package."""

import cosmology


def test_all_public_names_are_there_in_order():
    assert all(hasattr(cosmology, name) for name in cosmology.__all__)
    names = cosmology.__all__
    upper = [name for name in names if name.isupper() or name == "G_STAR"]
    classes = [name for name in names if name[0].isupper() and name not in upper]
    rest = [name for name in names if name[0].islower()]
    assert names == upper + classes + rest
    for group in (upper, classes, rest):
        assert group == sorted(group)


def test_no_public_name_hides_a_module():
    for name in cosmology.__all__:
        thing = getattr(cosmology, name)
        assert getattr(thing, "__module__", "") != f"cosmology.{name}", name


def test_a_model_by_its_name():
    for name, model in cosmology.MODELS.items():
        assert model.name == name
        assert callable(model.from_config)
