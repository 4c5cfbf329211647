"""A project's files: found, read, and written. Nothing else in the package writes into a project.

In: a folder. Out: texts by the path that messages show, which is relative to the project's root, with `/`. What cannot be
read is reported, never skipped in silence.
"""

from orchestration.project.change_set import ChangeSet, change_set, write_text
from orchestration.project.find import find_project
from orchestration.project.project import Project

__all__ = ["ChangeSet", "Project", "change_set", "find_project", "write_text"]
