"""Policies: a YAML file a year, and divisions with their dates of validity."""

from pipeline.policy.load import PACKAGE_FOLDER, load_policy, policy_sha256, policy_years
from pipeline.policy.model import Category, Division, FundLevel, Policy
from pipeline.policy.narrative import Narrative, narrative_of

__all__ = [
    "PACKAGE_FOLDER",
    "Category",
    "Division",
    "FundLevel",
    "Narrative",
    "Policy",
    "load_policy",
    "narrative_of",
    "policy_sha256",
    "policy_years",
]
