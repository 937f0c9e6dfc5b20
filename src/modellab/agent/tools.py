"""The tools, once: what the assistant may ask and do, used by the rules, by LangChain and by MCP alike."""

from __future__ import annotations

from modellab.agent import arguments, reading, results, writing
from modellab.agent.api import LabAPI
from modellab.agent.tool import Tool

TOOLS: tuple[Tool, ...] = (
    Tool(
        name="list_runs",
        description="List runs with params and final metrics, filtered and sorted, and say how many match.",
        arguments=arguments.ListRuns,
        result=results.Runs,
        function=reading.list_runs,
    ),
    Tool(
        name="leaderboard",
        description="Rank runs by the final value of one metric, which alone shows no run to be better.",
        arguments=arguments.Leaderboard,
        result=results.RankedRuns,
        function=reading.rank_runs,
    ),
    Tool(
        name="group_runs",
        description="Count runs by params, tags or other fields, with mean and spread of metrics in each.",
        arguments=arguments.GroupRuns,
        result=results.RunGroups,
        function=reading.group_runs,
    ),
    Tool(
        name="get_run_details",
        description="Read one run: status, error, traceback, params, metrics, note, tags, code, data.",
        arguments=arguments.GetRun,
        result=results.RunDetails,
        function=reading.get_run,
    ),
    Tool(
        name="compare_runs",
        description="Say whether runs really differ, by tests and intervals, and in what else they differ.",
        arguments=arguments.CompareRuns,
        result=results.ComparedRuns,
        function=reading.compare_runs,
    ),
    Tool(
        name="metric_history",
        description="Read how metrics of one run went over its steps, with lows and highs kept.",
        arguments=arguments.MetricHistory,
        result=results.Curves,
        function=reading.read_history,
    ),
    Tool(
        name="search_run_summaries",
        description="Find runs by words in their names, notes, params, tags, commands, datasets and errors.",
        arguments=arguments.SearchRuns,
        result=results.FoundRuns,
        function=reading.search_runs,
    ),
    Tool(
        name="similar_runs",
        description="Find the runs most like one, and say in what they are alike.",
        arguments=arguments.SimilarRuns,
        result=results.SimilarRuns,
        function=reading.find_similar,
    ),
    Tool(
        name="suggest_hyperparameters",
        description="Suggest hyperparameters to try next for a metric, and say on how many runs that rests.",
        arguments=arguments.Suggest,
        result=results.Suggestions,
        function=reading.suggest,
    ),
    Tool(
        name="list_datasets",
        description="List datasets with their versions, sizes and how many runs used them.",
        arguments=arguments.ListDatasets,
        result=results.Datasets,
        function=reading.list_datasets,
    ),
    Tool(
        name="evaluation_report",
        description="Read an evaluation of a run: metrics with intervals, and the result in five sentences.",
        arguments=arguments.EvaluationReport,
        result=results.Evaluation,
        function=reading.read_evaluation,
    ),
    Tool(
        name="update_note",
        description="Write a note on a run, after the one that is there or in its place.",
        arguments=arguments.UpdateNote,
        result=results.WrittenNote,
        function=writing.update_note,
        is_writing=True,
    ),
    Tool(
        name="flag_run_for_publish",
        description="Flag a run for publishing, with the tag `publish`.",
        arguments=arguments.FlagRun,
        result=results.FlaggedRun,
        function=writing.flag_run,
        is_writing=True,
    ),
)
"""All tools: those that read, then those that write."""


def list_tools(*, with_writing: bool) -> tuple[Tool, ...]:
    """The tools that may be used, with or without those that write."""
    return tuple(tool for tool in TOOLS if with_writing or not tool.is_writing)


def may_write(api: LabAPI) -> bool:
    """Whether the caller may change any run at all."""
    writable = api.caller()["writable"]
    return writable is None or bool(writable)
