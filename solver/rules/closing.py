"""The common shape of rules that close nodes to workloads: few distinct keys, one row of open nodes for each."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver.facts.network import Node
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.factors import OpenNodes
from solver.rules.items import Items

K = TypeVar("K", bound=Hashable)


def number_keys(items: Items, key: Callable[[Workload], K]) -> tuple[npt.NDArray[np.int64], list[K]]:
    """Number the distinct values of `key` over the items: the number of each item, and the values."""
    numbers: dict[K, int] = {}
    column = [numbers.setdefault(key(workload), len(numbers)) for workload in items.like]
    return np.array(column, np.int64), list(numbers)


def open_nodes(problem: Problem, items: Items, key: Callable[[Workload], K], allows: Callable[[K, Node], bool]) -> OpenNodes:
    """Ask `allows` once for each distinct key and node. It sees the key only, so nothing else can sway it."""
    column, keys = number_keys(items, key)
    table = np.array([[allows(value, node) for node in problem.nodes] for value in keys], bool)
    return OpenNodes(column, table.reshape(len(keys), len(problem.nodes)))
