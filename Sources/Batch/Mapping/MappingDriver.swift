// The Lua around a mapping: loads the user's function, calls it for every row, and hands what it gives to the host.
// All of it is ours but the text that it loads; its chunk is one of the host's own, so messages name the user's lines.

import OneShotPay
import Recorder

/// The script that runs a mapping.
enum MappingDriver {
    /// What the chunk is called. A name that begins so stays out of positions and tracebacks.
    static let name = "[paylink map]"

    /// - Parameters:
    ///   - script: the user's text.
    ///   - path: what messages call it.
    ///   - input: where `csv.rows` finds the table.
    ///   - keepsGuards: cells keep the apostrophe before what looks like a formula.
    ///   - token: begins the messages that are for the host.
    static func text(
        script: [UInt8], path: String, input: String, delimiter: UInt8, encoding: String, keepsGuards: Bool,
        token: String
    ) -> [UInt8] {
        // The shebang line becomes a comment, and lines keep their numbers.
        let script = script.first == UInt8(ascii: "#") ? Array("--".utf8) + script : script
        let values: [(String, [UInt8])] = [
            ("SCRIPT", script), ("PATH", Array(path.utf8)), ("INPUT", Array(input.utf8)), ("DELIMITER", [delimiter]),
            ("ENCODING", Array(encoding.utf8)),
            ("FORMULAS", Array((keepsGuards ? "kept" : "").utf8)), ("TOKEN", Array(token.utf8)),
            ("COLUMNS", Array(columns.joined(separator: " ").utf8)),
        ]
        let head = values.map { "local \($0) = ".utf8 + literal($1) + "\n".utf8 }.joined()
        return Array(head) + Array(body.utf8)
    }

    /// The options and what makes cells of each, in the order of the table's columns.
    static var columns: [String] {
        ["key=text"] + LinkOrder.terms.map { "\($0.name)=\(converter(for: $0.kind))" }
    }

    /// The function of the driver that makes a cell of an option's value.
    private static func converter(for kind: LinkTermKind) -> String {
        switch kind {
        case .amount: "money"
        case .text, .address, .user, .locale: "text"
        case .flag: "flag"
        case .duration: "duration"
        case .moment: "integer"
        }
    }

    /// A Lua string of any bytes.
    private static func literal(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "\"")]
        text.reserveCapacity(bytes.count + 2)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case 0x20...0x7E: text.append(byte)
            default:
                // Three digits, so that a digit after it is not taken for one of them.
                text.append(UInt8(ascii: "\\"))
                text += [byte / 100, byte / 10 % 10, byte % 10].map { $0 + UInt8(ascii: "0") }
            }
        }
        text.append(UInt8(ascii: "\""))
        return text
    }

    private static let body = #"""
        local _ENV = (...).globals -- the user's, as they are before the mapping runs: some are replaced below
        local load, pcall, error, type, tostring, next, rawget = load, pcall, error, type, tostring, next, rawget
        local sub, gsub, find, match, format = string.sub, string.gsub, string.find, string.match, string.format
        local sort, concat = table.sort, table.concat
        local pack, math_type, utf8_length, sleep = table.pack, math.type, utf8.len, sleep
        local rows, usd, create, tell, say = csv.rows, paylink.usd, paylink.create, log.error, log.info

        local MOST_BYTES = 65536 -- of a cell: more than any option may have

        for _, name in next, { "create", "get", "wait", "wait_each", "find", "links", "once" } do
          paylink[name] = function()
            error(format("paylink.%s: a mapping makes no links and asks for none: it gives the options of one", name), 2)
          end
        end

        -- Standard output is the results' and the summary's.
        function print(...)
          local words = pack(...)
          for i = 1, words.n do words[i] = tostring(words[i]) end
          say(concat(words, "\t"))
        end
        function io.write(...) print(...) return io.stdout end

        -- Text for a message: bounded, valid UTF-8, without control characters.
        local function plain(text, limit)
          local short = sub(text, 1, limit)
          for i = 0, 3 do
            local whole = sub(short, 1, #short - i)
            if utf8_length(whole) then return (gsub(whole, "%c", " ")) end
          end
          return (gsub(gsub(short, "[\128-\255]", "?"), "%c", " "))
        end

        local function told(value)
          local kind = type(value)
          if value == nil then return "the error value is nil" end
          local ok, text = pcall(tostring, value)
          if not ok or find(text, "^" .. kind .. ": 0x") then -- addresses differ from run to run
            local message = kind == "table" and rawget(value, "message")
            text = type(message) == "string" and message or "the error value is a " .. kind
          end
          return plain(text, 1000)
        end

        -- What paylink.create says of an option that it would not take.
        local function refusal(name, value)
          local _, message = pcall(create, { [name] = value })
          message = gsub(tostring(message), "^paylink%.create: ", "")
          return (gsub(message, "^option '[^']*' must", "must"))
        end

        local function exact(value)
          if type(value) == "string" then
            -- A cell that can be read in two ways is no amount; what is money already has been decided about.
            local whole, rest = match(value, "^([1-9]%d?%d?)[.,](%d%d%d)$")
            if not whole then return value end
            return nil, format("'%s' may be %s%s or %s.%s: read the cell with csv.amount(row, COLUMN, { decimal = \".\" }) or \",\"",
              value, whole, rest, whole, rest)
          end
          local ok, amount = pcall(usd, value)
          if ok then return tostring(amount) end
          return nil, (gsub(tostring(amount), "^paylink%.usd: ", ""))
        end
        local makes = {}
        function makes.text(value) if type(value) == "string" then return value end end
        function makes.flag(value) if type(value) == "boolean" then return tostring(value) end end
        function makes.integer(value) if math_type(value) == "integer" then return format("%d", value) end end
        function makes.duration(value)
          if math_type(value) == "float" then return format("%.9f", value) end
          return makes.text(value) or makes.integer(value)
        end
        function makes.money(value)
          local kind = type(value)
          if kind == "string" or kind == "number" or kind == "userdata" then return exact(value) end
        end

        local names, converters = {}, {}
        for name, kind in COLUMNS:gmatch("(%S+)=(%S+)") do
          names[#names + 1], converters[name] = name, makes[kind]
        end

        local chunk, count, size = {}, 0, 0
        local function flush()
          if count > 0 then tell(TOKEN .. count .. "\n" .. concat(chunk)) end
          chunk, count, size = {}, 0, 0
        end

        local function put(status, problems, cells)
          local line = { status, '"' .. gsub(problems or "", '"', '""') .. '"' }
          for i = 1, #names do
            local cell = cells and cells[names[i]] or ""
            line[i + 2] = '"' .. gsub(cell, '"', '""') .. '"'
          end
          count = count + 1
          local row = concat(line, ",") .. "\n"
          chunk[count], size = row, size + #row
        end

        local function reject(message) put("r", "\31" .. message .. "\30") end

        local function make(options)
          local cells, problems = {}, nil
          for name, value in next, options do
            local convert = converters[name]
            local cell, problem
            if convert then cell, problem = convert(value) end
            if not cell then
              problem = problem or refusal(name, value)
            elseif not utf8_length(cell) then
              problem = "is not valid UTF-8 text"
            elseif #cell > MOST_BYTES then
              problem = "is longer than 64 KiB"
            end
            if problem then
              problems = problems or {}
              problems[#problems + 1] = plain(tostring(name), 60) .. "\31" .. plain(problem, 1000) .. "\30"
            else
              cells[name] = cell
            end
          end
          if not problems then return put("m", nil, cells) end
          sort(problems)
          put("r", concat(problems))
        end

        local function take(map, row)
          local ok, options, reason = pcall(map, row)
          if not ok then
            local message = told(options)
            if find(message, "not enough memory$") then error(message, 0) end
            reject(message)
          elseif type(options) == "table" then
            make(options)
          elseif options ~= nil then
            reject(format("%s gave a %s for this row, not a table of options or nil", PATH, type(options)))
          elseif reason == nil then
            put("s")
          else
            reject(type(reason) == "string" and plain(reason, 1000) or told(reason))
          end
        end

        local main, problem = load(SCRIPT, "@" .. PATH, "t")
        if not main then error(problem, 0) end
        local map = main()
        if type(map) ~= "function" then
          error(format("%s gives %s, not a function from a row to a link's options: it must end with return function(row) … end",
            PATH, map == nil and "nothing" or "a " .. type(map)), 0)
        end

        for row in assert(rows(INPUT, { delimiter = DELIMITER, encoding = ENCODING, formulas = FORMULAS == "kept" })) do
          if row then take(map, row) else put("u") end
          if count == 64 or size > MOST_BYTES then
            flush()
            sleep(0) -- a limit on computing without a pause is one for a few rows, not for the whole file
          end
        end
        flush()
        tell(TOKEN .. "end")
        """#
}
