// Debian's chromium without a window, driven over the DevTools protocol: one browser, one page.

import Foundation
import Glibc
import Synchronization
import TestSupport

/// A browser with a page. Calls block a thread of their own; it ends when the test lets go of it.
final class Chromium: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder
    private let queue = DispatchQueue(label: "devtools")
    private let connection: Connection

    static func start() async throws -> Chromium {
        guard
            let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first(
                where: FileManager.default.isExecutableFile)
        else {
            throw ChildProcessFailure(
                description: "chromium is not installed: scripts/test installs it, or use `apt-get install chromium`")
        }
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            program,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
                "--remote-debugging-port=0", "--user-data-dir=\(folder.path)", "about:blank",
            ],
            environment: [
                "HOME": folder.path, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": folder.path,
            ],
            directory: folder.path, limit: .seconds(120))
        let file = folder.path + "/DevToolsActivePort"
        for _ in 0..<600 {
            let parts =
                (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
            if parts.count == 2, let port = Int(parts[0]) {
                let connection = Connection(try WebSocketClient(port: port, path: parts[1]))
                return try await Chromium(process, folder, connection)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        process.kill()
        throw ChildProcessFailure(
            description: "chromium opened no DevTools port within 30 s: \((try? await process.finish())?.errors ?? "")")
    }

    private init(_ process: ChildProcess, _ folder: TemporaryFolder, _ connection: Connection) async throws {
        (self.process, self.folder, self.connection) = (process, folder, connection)
        let target = try await call("Target.createTarget", #"{"url": "about:blank"}"#)["targetId"]?.string ?? ""
        let session = try await call("Target.attachToTarget", "{\"targetId\": \"\(target)\", \"flatten\": true}")[
            "sessionId"]?.string
        connection.session.withLock { $0 = session }
        for domain in ["Page", "Runtime", "Log", "Network"] { try await call("\(domain).enable") }
        // As if its window were the one in front.
        try await call("Emulation.setFocusEmulationEnabled", #"{"enabled": true}"#)
    }

    // MARK: The page

    /// Opens an address, or does whatever else loads one, and waits until it has loaded.
    func loading(_ body: () async throws -> Void) async throws {
        connection.forget("Page.loadEventFired")
        try await body()
        try await on { try $0.await("Page.loadEventFired") }
    }

    func open(_ address: String) async throws {
        try await loading { try await call("Page.navigate", JSON(["url": address]).text) }
    }

    /// The size of the window, as a phone or a desktop browser has it.
    func resize(width: Int, height: Int, isMobile: Bool) async throws {
        try await call(
            "Emulation.setDeviceMetricsOverride",
            "{\"width\": \(width), \"height\": \(height), \"deviceScaleFactor\": \(isMobile ? 2 : 1), \"mobile\": \(isMobile)}"
        )
    }

    /// The value of a JavaScript expression.
    func value(_ expression: String) async throws -> JSON {
        let reply = try await call(
            "Runtime.evaluate", JSON(["expression": expression, "returnByValue": true, "awaitPromise": true]).text)
        if let problem = reply["exceptionDetails"] {
            throw ChildProcessFailure(description: "\(expression): \(problem)")
        }
        return reply["result"]?["value"] ?? JSON(NSNull())
    }

    /// Clicks with the mouse at the middle of what the selector finds, whatever lies on top there.
    func click(_ selector: String) async throws {
        let place = try await value(
            "(() => { const r = document.querySelector('\(selector)').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        guard let x = place[0]?.number, let y = place[1]?.number else {
            throw ChildProcessFailure(description: "nothing is at \(selector)")
        }
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = kind == "mouseMoved" ? "none" : "left"
            try await call(
                "Input.dispatchMouseEvent",
                "{\"type\": \"\(kind)\", \"x\": \(x), \"y\": \(y), \"button\": \"\(button)\", \"clickCount\": 1}")
        }
    }

    /// Whether the viewer wants dark pages.
    func prefer(dark: Bool) async throws {
        let scheme = dark ? "dark" : "light"
        try await call(
            "Emulation.setEmulatedMedia",
            "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"\(scheme)\"}]}")
    }

    /// Presses a key, such as `Tab`, `Enter` or `Escape`.
    func press(_ key: String) async throws {
        let (code, text) = ["Tab": (9, ""), "Enter": (13, "\\r"), " ": (32, " ")][key] ?? (0, "")
        for kind in ["keyDown", "keyUp"] {
            try await call(
                "Input.dispatchKeyEvent",
                "{\"type\": \"\(kind)\", \"key\": \"\(key)\", \"windowsVirtualKeyCode\": \(code), \"text\": \"\(kind == "keyDown" ? text : "")\"}"
            )
        }
    }

    /// Types where the focus is.
    func type(_ text: String) async throws { try await call("Input.insertText", JSON(["text": text]).text) }

    /// What assistive technology is shown: each node with its role and name.
    func accessibilityTree() async throws -> [(role: String, name: String)] {
        try await call("Accessibility.getFullAXTree")["nodes"]?.list.compactMap { node in
            guard node["ignored"]?.flag != true else { return nil }
            return (node["role"]?["value"]?.string ?? "", node["name"]?["value"]?.string ?? "")
        } ?? []
    }

    /// Waits until an expression is true, for ten seconds at most.
    func until(_ expression: String) async throws {
        for _ in 0..<400 {
            if try await value(expression).flag == true { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw ChildProcessFailure(description: "not true within 10 s: \(expression)")
    }

    /// Whether pages may run scripts of their own.
    func allowScripts(_ isAllowed: Bool) async throws {
        try await call("Emulation.setScriptExecutionDisabled", "{\"value\": \(!isAllowed)}")
    }

    /// A picture of the window once nothing moves in it, kept in the folder that PAYLINK_SCREENSHOTS names if it does; gives its size in bytes.
    @discardableResult
    func screenshot(_ name: String) async throws -> Int {
        _ = try await value("Promise.allSettled(document.getAnimations().map(a => a.finished)).then(() => 1)")
        let reply = try await call("Page.captureScreenshot", #"{"format": "png"}"#)
        guard let data = reply["data"]?.string.flatMap({ Data(base64Encoded: $0) }) else { return 0 }
        let kept = ProcessInfo.processInfo.environment["PAYLINK_SCREENSHOTS"]
        try data.write(to: URL(fileURLWithPath: (kept ?? folder.path) + "/\(name).png"))
        return data.count
    }

    /// What the page complained of: exceptions, console errors, and requests that failed.
    func complaints() async throws -> [String] {
        _ = try await value("1")  // What was said before has arrived by then.
        return connection.events { event in
            switch event["method"]?.string {
            case "Runtime.exceptionThrown", "Network.loadingFailed": true
            case "Runtime.consoleAPICalled": ["error", "warning", "assert"].contains(event["params"]?["type"]?.string)
            case "Log.entryAdded": ["error", "warning"].contains(event["params"]?["entry"]?["level"]?.string)
            default: false
            }
        }.map(\.text)
    }

    // MARK: Calls

    @discardableResult
    private func call(_ method: String, _ parameters: String = "{}") async throws -> JSON {
        try await on { try $0.call(method, parameters) }
    }

    private func on<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        let connection = connection
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(connection) }) }
        }
    }
}

/// The protocol: numbered calls, and events that come between their replies.
private final class Connection: @unchecked Sendable {
    // Safe because: the socket and the numbers are used on the browser's queue only; the rest is under locks.
    private let socket: WebSocketClient
    private var number = 0
    let session = Mutex<String?>(nil)
    private let seen = Mutex<[JSON]>([])

    init(_ socket: WebSocketClient) { self.socket = socket }

    func call(_ method: String, _ parameters: String) throws -> JSON {
        number += 1
        let session = session.withLock { $0 }.map { ", \"sessionId\": \"\($0)\"" } ?? ""
        try socket.send("{\"id\": \(number), \"method\": \"\(method)\", \"params\": \(parameters)\(session)}")
        while true {
            let message = try next()
            guard message["id"]?.integer == number else { continue }
            if let problem = message["error"] { throw ChildProcessFailure(description: "\(method): \(problem)") }
            return message["result"] ?? JSON(NSNull())
        }
    }

    func await(_ event: String) throws {
        while events(where: { $0["method"]?.string == event }).isEmpty { _ = try next() }
    }

    func forget(_ event: String) { seen.withLock { $0.removeAll { $0["method"]?.string == event } } }

    func events(where matches: (JSON) -> Bool) -> [JSON] { seen.withLock { $0.filter(matches) } }

    private func next() throws -> JSON {
        let message = try JSON(parsing: try socket.nextText())
        if message["method"] != nil { seen.withLock { $0.append(message) } }
        return message
    }
}
