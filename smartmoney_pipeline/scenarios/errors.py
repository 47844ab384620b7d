"""The one error of this package: a scenario that cannot be made, said in words a user can act on."""


class ScenarioError(ValueError):
    """A pack, seed, session, template or contract that the generator cannot use."""
