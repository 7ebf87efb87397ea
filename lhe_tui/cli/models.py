"""`lhe-tui models`: which models can be asked, and what is missing for the others."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from lhe_tui.cli.exits import DONE, RunFailed, UsageError
from lhe_tui.cli.output import result, result_json
from lhe_tui.models.local.weights import KNOWN, LOCAL

NAME = "models"
HELP = "list models: simulated, on this machine, in the cloud"
DESCRIPTION = (
    "List the simulated models, the real ones that lhe-tui runs itself, the servers found "
    "running on this machine and the cloud providers. "
    "With a provider or a server's URL, list its models."
)


@dataclass(frozen=True)
class Group:
    """One provider's models; `missing` says what has to be done before they can be asked."""

    provider: str
    title: str
    models: list[dict[str, Any]] = field(default_factory=list)
    base_url: str | None = None
    missing: str | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    """PROVIDER and --json."""
    parser.add_argument(
        "provider", nargs="?", metavar="PROVIDER", help="sim, local, a provider's name, or a server's URL"
    )
    parser.add_argument("--api-key-env", metavar="NAME", help="the environment variable that holds the key")
    parser.add_argument(
        "--allow-insecure-key",
        action="store_true",
        help="send the key over plain http to another machine: everyone on the way can read it",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(options: argparse.Namespace) -> int:
    """Print the list. Raises CommandError."""
    if options.provider is None:
        groups = [simulated_group(), installed_group(), *local_groups(), *cloud_groups()]
    elif options.provider == "sim":
        groups = [simulated_group()]
    elif options.provider == LOCAL:
        groups = [installed_group()]
    else:
        groups = [_asked_for(options)]
    if options.json:
        from lhe_tui.record.json_text import to_json

        result_json(to_json({"providers": [group.__dict__ for group in groups]}))
        return DONE
    for number, group in enumerate(groups):
        _print_group(group, first=number == 0)
    return DONE


def simulated_group() -> Group:
    """The simulated models: always there."""
    from lhe_tui.models.simulated.model import simulated_model
    from lhe_tui.models.simulated.presets import PRESETS

    return Group("sim", "simulated", [_model_fields(simulated_model(name).info) for name in PRESETS])


def installed_group() -> Group:
    """The real models that lhe-tui runs itself, or the command that installs them."""
    known = KNOWN.values()
    models = [_model_fields(model.info) for model in known if model.missing is None]
    missing = next((model.missing for model in known if model.missing is not None), None)
    return Group(LOCAL, "real models that run inside lhe-tui", models, missing=None if models else missing)


def local_groups() -> list[Group]:
    """The servers that answer on this machine."""
    import asyncio

    from lhe_tui.models.discovery import find_local_servers

    return [
        Group(
            server.provider or server.base_url,
            "on this machine",
            [_model_fields(model) for model in server.models],
            server.base_url,
        )
        for server in asyncio.run(find_local_servers())
    ]


def cloud_groups() -> list[Group]:
    """The cloud providers, without asking them anything."""
    from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable, find_key, what_is_missing

    groups = []
    for provider in PROVIDERS.values():
        if provider.local:
            continue
        missing = what_is_missing(provider)
        if missing is not None:
            try:
                missing = None if find_key(provider) is not None else missing
            except ModelNotAvailable as error:
                missing = str(error)
        groups.append(Group(provider.name, provider.title, [], provider.base_url, missing))
    return groups


def _asked_for(options: argparse.Namespace) -> Group:
    return provider_group(
        options.provider, options.api_key_env, allow_insecure_key=options.allow_insecure_key
    )


def provider_group(name: str, api_key_env: str | None = None, *, allow_insecure_key: bool = False) -> Group:
    """One provider's models, asked for now. Raises CommandError."""
    import asyncio

    from lhe_tui.models.base import ModelFailure
    from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable
    from lhe_tui.models.discovery import list_models

    try:
        models = asyncio.run(
            list_models(name, api_key_env=api_key_env, allow_insecure_key=allow_insecure_key)
        )
    except ModelNotAvailable as error:
        raise UsageError(str(error)) from None
    except ModelFailure as error:
        raise RunFailed(error.message) from None
    provider = PROVIDERS.get(name)
    title, url = (provider.title, provider.base_url) if provider else (name, name)
    return Group(name, title, [_model_fields(model) for model in models], url)


def _model_fields(info: Any) -> dict[str, Any]:
    names = ("name", "simulated", "local", "context_length", "price_prompt", "price_completion", "note")
    return {name: getattr(info, name) for name in names}


def _print_group(group: Group, *, first: bool) -> None:
    if not first:
        result()
    where = f"  {group.base_url}" if group.base_url not in (None, group.provider) else ""
    title = "" if group.title.lower() == group.provider.lower() else f" ({group.title})"
    result(f"{group.provider}{title}{where}")
    if group.missing:
        result(f"  {group.missing}")
    elif not group.models and group.base_url:
        result(f"  ready; list them by: lhe-tui models {group.provider}")
    for model in group.models:
        facts = []
        if model["context_length"]:
            facts.append(f"context {model['context_length']:,}")
        if model["price_prompt"] is not None and model["price_completion"] is not None:
            facts.append(
                f"US$ {model['price_prompt']:g} in, {model['price_completion']:g} out per million tokens"
            )
        if model["note"]:
            facts.append(model["note"])
        result(f"  {model['name']}" + (f"  ({', '.join(facts)})" if facts else ""))
