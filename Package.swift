// swift-tools-version: 6.1
// The target graph below is the architecture (docs/architecture.md): arrows point down only.
import PackageDescription

// Continuous integration says so: a warning in our own targets is an error. What a newer release of a dependency calls
// deprecated stays a warning.
let refusesWarnings = Context.environment["PAYLINK_WARNINGS"] == "errors"

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
    ] + (refusesWarnings ? [.unsafeFlags(["-warnings-as-errors", "-Wwarning", "DeprecatedDeclaration"])] : [])

let strictC: [CSetting] = refusesWarnings ? [.unsafeFlags(["-Wall", "-Werror"])] : []

// The sanitizers' libraries cannot be linked statically: scripts/test-asan says so by this variable.
let scriptChildLinking: [LinkerSetting] =
    Context.environment["PAYLINK_SANITIZED"] == nil
    ? [.unsafeFlags(["-static-executable", "-nostartfiles"])] : [.linkedLibrary("dl")]

// scripts/attack --coverage says so: the Lua host counts which of its lines run, in `paylink` alone.
let countsLines = Context.environment["PAYLINK_COVERAGE"] != nil
let lineCounting: [CSetting] =
    countsLines
    ? [.unsafeFlags(["-fprofile-instr-generate", "-fcoverage-mapping", "-mllvm", "-runtime-counter-relocation"])] : []

// Nothing is looked up in the executable by name. What it showed would be kept, and gone through at every start.
let hiddenSymbols: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
]

let luaHostC: [CSetting] = strictC + lineCounting + [.headerSearchPath("core"), .headerSearchPath("library")]

let package = Package(
    name: "paylink",
    products: [
        .library(name: "OneShotPay", targets: ["OneShotPay"]),
        .library(name: "Recorder", targets: ["Recorder"]),
        .library(name: "Scripting", targets: ["Scripting"]),
        .executable(name: "paylink", targets: ["paylink"]),
        .executable(name: "paylink-script", targets: ["paylink-script"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // Without its traits: what reads settings and dates needs all of Foundation, with the world's locales.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.0.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // QR codes, from Debian's libqrencode-dev.
        .systemLibrary(name: "CQREncode", providers: [.apt(["libqrencode-dev"])]),
        // What keeps the ledger's file, from Debian's libsqlite3-dev.
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        // Digests, from Debian's libmd-dev: TLS has its own, and a whole library for two of them is compiled for minutes.
        .systemLibrary(name: "CDigest", providers: [.apt(["libmd-dev"])]),
        .target(
            name: "Digests", dependencies: ["CDigest"], exclude: ["README.md"], swiftSettings: strict,
            linkerSettings: [.linkedLibrary(":libmd.a")]),
        // PostgreSQL's client library, with the declarations of Debian's libpq-dev; loaded when it is needed.
        .target(name: "CPostgres", exclude: ["README.md"], cSettings: strictC),
        // Lines typed at a terminal, with Debian's libedit-dev, linked statically: only the prompt ever runs any of it.
        .target(
            name: "CLineEdit", exclude: ["README.md"], cSettings: strictC,
            linkerSettings: [
                .linkedLibrary(":libedit.a"), .linkedLibrary(":libtinfo.a"), .linkedLibrary(":libbsd.a"),
            ]),
        // Everything that touches a lua_State: only C stands under a longjmp.
        // Lua 5.4 itself is Debian's liblua5.4-dev, linked statically so that the executable needs no Lua to run.
        .target(
            name: "CLuaHost", exclude: ["README.md"],
            cSettings: luaHostC,
            linkerSettings: [.linkedLibrary(":liblua5.4.a"), .linkedLibrary("m"), .linkedLibrary("dl")]),
        .target(
            name: "LuaRuntime", dependencies: ["Advice", "CLuaHost", "CPosix"], exclude: ["README.md"],
            swiftSettings: strict),
        // The process of its own in which a script can live: C alone, linked statically, installed beside paylink.
        .executableTarget(
            name: "paylink-script", dependencies: ["CLuaHost"], path: "Sources/ScriptChild",
            exclude: ["README.md"], cSettings: strictC,
            linkerSettings: scriptChildLinking + [.linkedLibrary(":liblua5.4.a"), .linkedLibrary("m")]),
        .target(
            name: "OneShotPay",
            dependencies: [
                "HTTPTransport", "JSON", "Console",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["README.md"], swiftSettings: strict
        ),
        // HTTP/1.1 over kept connections on one event loop: addresses, proxies, TLS.
        .target(
            name: "HTTPTransport",
            dependencies: [
                "HostNames", "Dates", "Console",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        // JSON over raw bytes: a pull reader and a writer.
        .target(name: "JSON", dependencies: ["Console"], exclude: ["README.md"], swiftSettings: strict),
        // The calendar as arithmetic.
        .target(name: "Dates", exclude: ["README.md"], swiftSettings: strict),
        // Names of hosts as DNS, TLS and mail know them.
        .target(name: "HostNames", exclude: ["README.md"], swiftSettings: strict),
        // Keys, links, effects, runs: what must outlive the process. SQLite is Debian's libsqlite3-dev.
        .target(
            name: "Ledger",
            dependencies: [
                "JSON", "OneShotPay", "Files", "Advice", "CSQLite", "CPostgres",
            ],
            exclude: ["README.md"], swiftSettings: strict
        ),
        // Table files: a streaming reader, a writer, rows added to files that are shared.
        .target(name: "CSV", dependencies: ["Files"], exclude: ["README.md"], swiftSettings: strict),
        // Messages, and how they leave: SMTP or the local sendmail.
        .target(
            name: "Mail",
            dependencies: [
                "HostNames", "Programs", "Dates",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        // Cron expressions and their slots, crontabs, systemd units.
        .target(name: "Cron", dependencies: ["Dates"], exclude: ["README.md"], swiftSettings: strict),
        // Where secrets are kept, and the one reader of them.
        .target(
            name: "Secrets", dependencies: ["Programs", "Files", "Advice"], exclude: ["README.md"],
            swiftSettings: strict),
        // Settings files.
        .target(
            name: "Settings",
            dependencies: ["Files", "Secrets", "Advice", .product(name: "TOMLKit", package: "TOMLKit")],
            exclude: ["README.md"], swiftSettings: strict),
        // What would help, in the words of whoever runs the libraries.
        .target(name: "Advice", exclude: ["README.md"], swiftSettings: strict),
        // What people read: messages with a level, foreign text on one line, times.
        .target(name: "Console", dependencies: ["Dates"], exclude: ["README.md"], swiftSettings: strict),
        // Links that are recorded: made once for a key, looked at, waited for; effects that run once.
        .target(
            name: "Recorder",
            dependencies: [
                "JSON", "OneShotPay", "Ledger", "CSV", "Console", "Dates", "Advice", "Digests",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Scripting",
            dependencies: [
                "JSON", "HTTPTransport", "LuaRuntime", "Recorder", "OneShotPay", "Ledger", "CSV", "Mail", "HostNames",
                "Programs", "Files",
                "Secrets", "Console", "Advice", "CPosix", "CQREncode", "Digests",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["README.md"],
            resources: [
                .embedInCode("Prelude/core.lua"), .embedInCode("Prelude/modules.lua"), .embedInCode("Prelude/base.lua"),
                .embedInCode("Modules/Money/money.lua"),
                .embedInCode("Modules/Task/task.lua"),
                .embedInCode("Modules/JSON/json.lua"), .embedInCode("Modules/Log/log.lua"),
                .embedInCode("Modules/PayLink/paylink.lua"),
                .embedInCode("Modules/PayLink/once.lua"), .embedInCode("Modules/Watch/on.lua"),
                .embedInCode("Modules/Watch/watch.lua"), .embedInCode("Modules/CSV/csv.lua"),
                .embedInCode("Modules/CSV/csv_writer.lua"), .embedInCode("Modules/CSV/csv_append.lua"),
                .embedInCode("Modules/HTTP/http.lua"), .embedInCode("Modules/Secret/secret.lua"),
                .embedInCode("Modules/Program/program.lua"), .embedInCode("Modules/Mail/mail.lua"),
                .embedInCode("Modules/Run/run.lua"), .embedInCode("Prelude/reference.lua"),
                .embedInCode("Prelude/describe.lua"), .embedInCode("Prelude/details.lua"),
                .embedInCode("Prelude/types.lua"),
                .embedInCode("Modules/Bench/bench.lua"),
            ],
            swiftSettings: strict
        ),
        // What the system offers to C alone: a few of Linux's calls, and signal handlers.
        .target(name: "CPosix", exclude: ["README.md"], cSettings: strictC),
        // Files that are written, shared, locked and told apart: whole or absent, one at a time, ordinary ones alone.
        .target(name: "Files", dependencies: ["CPosix"], exclude: ["README.md"], swiftSettings: strict),
        // Other programs: found, started, followed to their end.
        .target(name: "Programs", dependencies: ["CPosix"], exclude: ["README.md"], swiftSettings: strict),
        // A link for every row of a table file.
        .target(
            name: "Batch",
            dependencies: [
                "JSON", "Scripting", "LuaRuntime", "Recorder", "OneShotPay", "Ledger", "CSV", "Files", "Console",
                "Advice",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["README.md"], swiftSettings: strict
        ),
        // Runs of a schedule: what is due, one at a time, recorded, told to a monitor.
        .target(
            name: "Jobs",
            dependencies: [
                "HTTPTransport", "Cron", "Ledger", "Console", "Advice",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        // What pages of ours share: HTML, and numbers in the service's languages.
        .target(name: "Pages", exclude: ["README.md"], swiftSettings: strict),
        // Pictures of numbers as SVG.
        .target(name: "Charts", dependencies: ["Pages"], exclude: ["README.md"], swiftSettings: strict),
        // The sums of a period, from a ledger to text, tables and a page.
        .target(
            name: "Report",
            dependencies: ["Ledger", "OneShotPay", "Cron", "Dates", "CSV", "JSON", "Console", "Charts", "Pages"],
            exclude: ["README.md"], swiftSettings: strict),
        // HTTP/1.1 on a socket of this machine, out of reach of other sites' pages.
        .target(
            name: "LocalServer",
            dependencies: [
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        // The ledger as local pages that follow it.
        .target(
            name: "Dashboard",
            dependencies: [
                "LocalServer", "Report", "Pages", "Ledger", "OneShotPay", "Cron", "Dates", "Console",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            exclude: ["README.md"],
            resources: [.embedInCode("Assets/live.js"), .embedInCode("Assets/dashboard.css")],
            swiftSettings: strict),
        .target(
            name: "Sandbox",
            dependencies: [
                "Files", "Pages", "LocalServer",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            exclude: ["README.md"], swiftSettings: strict
        ),
        .executableTarget(
            name: "paylink",
            dependencies: [
                "JSON", "HTTPTransport", "TestWorld", "ScriptCheck", "Batch", "Jobs", "Report", "Dashboard",
                "Scripting",
                "LuaRuntime",
                "Recorder", "OneShotPay", "Ledger",
                "CSV", "Cron", "Dates", "Mail", "Pages",
                "Settings",
                "Secrets", "Programs", "Sandbox", "LocalServer", "Files", "Console", "Advice", "CPosix", "CLineEdit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["README.md"],
            resources: [
                .embedInCode("Repl/repl.lua"), .embedInCode("Repl/show.lua"), .embedInCode("Repl/complete.lua"),
                .embedInCode("Templates/checkout.lua"), .embedInCode("Templates/checkout_test.lua"),
                .embedInCode("Templates/project.luarc.json"), .embedInCode("Templates/project.paylink.toml"),
                .embedInCode("Templates/project.gitignore"), .embedInCode("Templates/project.README.md"),
            ],
            swiftSettings: strict,
            linkerSettings: hiddenSymbols + (countsLines ? [.unsafeFlags(["-profile-generate"])] : [])
        ),
        // Random numbers that follow from a seed.
        .target(name: "Chance", exclude: ["README.md"], swiftSettings: strict),
        // One clock and one seed over the client, the recorder, the scripts and the sandbox.
        .target(
            name: "Simulation",
            dependencies: ["HTTPTransport", "OneShotPay", "Ledger", .product(name: "NIOCore", package: "swift-nio")],
            exclude: ["README.md"], swiftSettings: strict),
        // What is wrong with a script, said without running it.
        .target(name: "ScriptCheck", exclude: ["README.md"], swiftSettings: strict),
        // The world of a test: scripts, service, ledger, hosts and mail on one clock.
        .target(
            name: "TestWorld",
            dependencies: [
                "Batch", "Simulation", "Scripting", "LuaRuntime", "Recorder", "Ledger", "OneShotPay", "HTTPTransport",
                "Sandbox", "CSV", "Mail", "Programs", "Console", "Chance", "Advice", "CPosix",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            exclude: ["README.md"],
            resources: [
                .embedInCode("Lua/surroundings.lua"), .embedInCode("Lua/values.lua"), .embedInCode("Lua/assert.lua"),
                .embedInCode("Lua/words.lua"), .embedInCode("Lua/spy.lua"), .embedInCode("Lua/spec.lua"),
                .embedInCode("Lua/world_handlers.lua"), .embedInCode("Lua/world_batch.lua"),
                .embedInCode("Lua/world.lua"), .embedInCode("Lua/sections.lua"),
                .embedInCode("Lua/types_of_tests.lua"),
            ],
            swiftSettings: strict),
        // Worlds in which everything goes wrong, by the thousand: scripts/simulate.
        .executableTarget(
            name: "paylink-simulate",
            dependencies: [
                "HTTPTransport", "Simulation", "Recorder", "Scripting", "LuaRuntime", "Ledger", "OneShotPay", "Sandbox",
                "Chance", "Seeded",
                "Console", .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Simulator", exclude: ["README.md", "mutations.py"], swiftSettings: strict),
        // Spoiled input for everything that reads bytes from outside: scripts/fuzz.
        .executableTarget(
            name: "paylink-fuzz",
            dependencies: ["JSON", "CSV", "OneShotPay", "LuaRuntime", "CLuaHost", "Chance", "Seeded"],
            path: "Tests/Fuzz", exclude: ["README.md"], swiftSettings: strict),
        // Hostile scripts by the thousand, each in a process of its own: scripts/attack.
        .executableTarget(
            name: "paylink-attack", dependencies: ["Chance", "Seeded"], path: "Tests/Attack", exclude: ["README.md"],
            swiftSettings: strict),
        // What runs of random inputs share: chance that follows from a seed, and lines that go out whole.
        .target(name: "Seeded", path: "Tests/Seeded", exclude: ["README.md"], swiftSettings: strict),
        // What tests of several targets need: folders, a server that misbehaves to order, certificates.
        .target(
            name: "TestSupport",
            dependencies: [
                "CSQLite", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/TestSupport", exclude: ["README.md"], swiftSettings: strict),
        // A script's process that lies to its parent.
        .executableTarget(
            name: "hostile-child", dependencies: ["CLuaHost"], path: "Tests/HostileChild", exclude: ["README.md"],
            cSettings: strictC),
        .testTarget(
            name: "LuaRuntimeTests", dependencies: ["LuaRuntime", "CLuaHost"], resources: [.copy("Differential")],
            swiftSettings: strict),
        .testTarget(
            name: "OneShotPayTests",
            dependencies: [
                "JSON", "HTTPTransport", "OneShotPay", "Chance", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPTransportTests",
            dependencies: [
                "HTTPTransport", "TestSupport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "Chance"], swiftSettings: strict),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Advice", "Ledger", "OneShotPay", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RecorderTests",
            dependencies: [
                "JSON", "HTTPTransport", "Recorder", "Console", "Ledger", "OneShotPay", "Sandbox", "Chance",
                "Simulation",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BatchTests",
            dependencies: [
                "JSON", "Batch", "CSV", "Ledger", "LuaRuntime", "OneShotPay", "Recorder", "Console", "Sandbox",
                "Scripting",
                "Chance",
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "HTTPTransport", "Simulation", "OneShotPay", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ScriptCheckTests", dependencies: ["ScriptCheck"], exclude: ["Mistakes", "Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "TestWorldTests", dependencies: ["TestWorld", "Scripting"], exclude: ["Scripts"],
            swiftSettings: strict),
        .testTarget(name: "HostNamesTests", dependencies: ["HostNames"], swiftSettings: strict),
        .testTarget(name: "CSVTests", dependencies: ["CSV", "Chance"], swiftSettings: strict),
        .testTarget(
            name: "MailTests",
            dependencies: [
                "Mail", "Programs", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "CronTests", dependencies: ["Cron", "Dates", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ReportTests", dependencies: ["Report", "Cron", "Dates", "Pages", "Charts"],
            swiftSettings: strict),
        .testTarget(
            name: "DashboardTests", dependencies: ["Dashboard", "Ledger", "OneShotPay", "Pages"], swiftSettings: strict),
        .testTarget(
            name: "LocalServerTests", dependencies: ["LocalServer"], swiftSettings: strict),
        .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strict),
        .testTarget(name: "DatesTests", dependencies: ["Dates"], swiftSettings: strict),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "AdviceTests", dependencies: ["Advice"], swiftSettings: strict),
        .testTarget(name: "ConsoleTests", dependencies: ["Console"], swiftSettings: strict),
        .testTarget(
            name: "JobsTests",
            dependencies: ["HTTPTransport", "Jobs", "Cron", "Ledger"], swiftSettings: strict),
        .testTarget(name: "ProgramsTests", dependencies: ["Programs", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests", dependencies: ["Settings", "Secrets", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SandboxTests", dependencies: ["Pages", "Sandbox", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ScriptingTests",
            dependencies: [
                "JSON", "HTTPTransport", "Scripting", "LuaRuntime", "Recorder", "Console", "Ledger", "OneShotPay",
                "Sandbox", "CSV", "Mail",
                "CPosix", "Chance", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "paylink", "Advice", "LuaRuntime", "OneShotPay", "Ledger", "Recorder", "Chance", "TestSupport",
            ],
            exclude: ["Snapshots"], swiftSettings: strict),
    ],
    cLanguageStandard: .gnu11
)
