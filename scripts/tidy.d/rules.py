"""What scripts/tidy holds the tree to, and the one list of exceptions."""

# (check, subject): reason. One that nothing needs any more is itself a problem.
EXCEPTIONS = {
    ("options", "Sources/Scripting/Modules/Watch/WatchModule.swift: paylink watch"): "the name of a chunk of Lua",
    ("options", "Sources/Scripting/Host/APIReference.swift: paylink reference"): "the name of a chunk of Lua",
    ("folders", "Tests/TestSupport"): "what tests of several targets need; the name says of whom it is the support",
}

# Words of an author's own, and what the field says.
WORDS = {
    "ground": "say fixture, basis or surface",
    "grounds": "say reasons",
    "course": "say run, progress or life",
    "channel": "say connection or pipe; NIO's Channel is meant where NIO is imported",
    "channels": "say connections or pipes; NIO's Channel is meant where NIO is imported",
}
IDIOMS = [r"\bof course\b"]
PHRASES = {
    r"\bthe judge\b": "say what checks: the service, the sandbox, the test",
    r"\bperson's word\b": "say the operator's decision",
}
# Where these are named, a channel is theirs.
CHANNELS_OF_OTHERS = ("import NIOCore", "import NIOPosix", "import Hummingbird", "import HummingbirdCore")

# Who has no command line: what the text in a string may not name there, since whoever runs these words their advice.
WITHOUT_OPTIONS = {"Advice", "Ledger", "LuaRuntime", "OneShotPay", "Recorder", "Scripting", "Secrets"}
OPTIONS = [
    r"(?<![\w-])--[a-z][a-z-]+",
    r"\bpaylink (?:batch|create|cron|doctor|get|ledger|reference|run|runs|sandbox|wait|watch)\b",
]

EMPTY_NAMES = {"Support", "Helper", "Helpers", "Utils", "Util", "Utilities", "Common", "Manager", "Misc"}

# Not read by people: no length is too long.
DATA = (".csv", ".txt", ".json", ".toml", ".pem", ".md", ".html", ".xml")

# Lowest first: a target depends on targets of lower layers only.
LAYERS = [
    {"CPosix", "CQREncode", "CLineEdit", "CSQLite", "CPostgres", "CDigest", "CLuaHost", "HostNames", "Pages", "Dates", "Advice", "Chance", "ScriptCheck"},
    {"Files", "Digests", "Programs", "LuaRuntime", "paylink-script", "Console", "Cron", "Charts", "LocalServer"},
    {"HTTPTransport", "JSON", "CSV", "Mail", "Secrets", "Sandbox"},
    {"OneShotPay"},
    {"Ledger", "Settings"},
    {"Recorder", "Jobs", "Simulation", "Report"},
    {"Scripting", "Dashboard"},
    {"Batch"},
    {"TestWorld"},
    {"paylink"},
]

# Programs that test the others: they stand outside the layers.
TEST_PROGRAMS = {"paylink-fuzz", "paylink-attack", "paylink-simulate", "hostile-child", "Seeded", "TestSupport"}

# What must not be reached, however far below.
APART = {
    "Sandbox": {"OneShotPay", "HTTPTransport", "JSON", "CSV", "HostNames"},
    "OneShotPay": {"LuaRuntime", "CLuaHost", "CSV", "Ledger"},
    "HTTPTransport": {"JSON", "Programs"},
    "JSON": {"HostNames"},
    "Jobs": {"LuaRuntime", "CLuaHost", "Mail"},
    "Dashboard": {"LuaRuntime", "CLuaHost", "Sandbox", "Mail"},
    "LuaRuntime": {"OneShotPay", "HTTPTransport", "Ledger", "CSV", "Mail"},
    "Ledger": {"LuaRuntime", "CLuaHost", "CSV"},
    "Recorder": {"LuaRuntime", "CLuaHost", "Mail", "Settings", "Programs"},
    "Scripting": {"Settings", "Cron", "Sandbox"},
}
APART_REASONS = {
    "Sandbox": "what checks the client must not share its mistakes",
    "OneShotPay": "the client is of use without Lua, tables and a ledger",
    "HTTPTransport": "a transport carries bytes and knows no format",
    "JSON": "a reader of bytes knows no network",
    "Dashboard": "it shows what is recorded, and runs nothing",
    "Jobs": "a job's process is told from outside what it runs",
    "LuaRuntime": "a Lua state knows nothing of links",
    "Ledger": "what must outlive the process knows nothing of scripts and tables",
    "Recorder": "a recorded link is made without Lua, mail and settings",
    "Scripting": "a script gets its settings from whoever runs it",
}

# Modules of other packages, and the targets that may import them. Others are free.
OUTSIDE = {
    "CSQLite": {"Ledger", "TestSupport"},
    "HummingbirdCore": {"LocalServer", "Sandbox", "Dashboard"},
    "ArgumentParser": {"paylink"},
    "TOMLKit": {"Settings"},
    "NIOSSL": {"HTTPTransport", "Mail", "TestSupport"},
    "NIOHTTP1": {"HTTPTransport", "Sandbox"},
    "CLuaHost": {"LuaRuntime", "paylink-script", "paylink-fuzz", "hostile-child"},
}

# Pages that describe the sources: a file that they name by the end of its path must be there.
DESCRIBING = {"docs/architecture.md", "CONTRIBUTING.md"}
