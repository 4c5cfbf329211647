"""What stands between building and publishing where they are processes of their own."""

import pytest

from orchestration import publish
from orchestration.diagnostics import UserError
from tests.publish.company import Company, at


def test_a_build_is_handed_over_once(company: Company) -> None:
    assert publish.read_built(company.target) is None
    company.prepare_and_build(at(2), {"power_users": ["u1"]})
    built = publish.Built("run-1", at(2), "as of 2026-03-02")
    publish.record_built(company.target, built)
    publish.record_built(company.target, built)
    assert publish.read_built(company.target) == built
    with pytest.raises(UserError), publish.handing_over(company.target, built):
        assert publish.read_built(company.target) is None
        raise UserError.of("readers-hold-locks", "in use")
    assert publish.read_built(company.target) == built  # a refusal can be tried again
    with publish.handing_over(company.target, built):
        pass
    assert publish.read_built(company.target) is None


def test_the_next_generation_forgets_what_was_built(company: Company) -> None:
    company.prepare_and_build(at(2), {"power_users": ["u1"]})
    publish.record_built(company.target, publish.Built("run-1", at(2), "as of 2026-03-02"))
    publish.prepare(company.target, company.compiled, at(2))
    assert publish.read_built(company.target) is None
