// The Lua that simulated processes run, and what is made of its messages.

import OneShotPay
import Recorder

enum ShopScript {
    /// Makes a link for each order, waits for it, and ships once.
    static func checkout(_ orders: [Int], _ plan: Plan) -> String {
        let list = orders.map { index in
            let order = plan.orders[index]
            var options = [
                "index = \(index)", "amount = \"\(order.amount)\"", "description = \"\(order.description)\"",
            ]
            if let key = order.key { options.append("key = \"\(key)\"") }
            if let payer = order.payer { options.append("payer = \"\(payer)\"") }
            if order.isReusable { options.append("reusable = true") }
            switch order.expiry {
            case .after(let delay)?: options.append("expires_in = \"\(delay.components.seconds)s\"")
            case .at(let moment)?: options.append("expires_at = \(moment)")
            case nil: break
            }
            return "{ \(options.joined(separator: ", ")) }"
        }
        return """
            local orders = { \(list.joined(separator: ",\n")) }
            local final = { key_reused = true, abandoned = true, invalid_request = true, expired_on_arrival = true }
            local function make(order, index)
              while true do
                local link, err = paylink.create(order)
                if link then
                  log.info("made", { index = index, id = link.id })
                  return link
                end
                log.info("not made", { index = index, code = err.code, message = err.message })
                if not order.key or final[err.code] then return end
                sleep("15s")
              end
            end
            local function ship(order, index)
              while true do
                local ok, err = paylink.once("ship:" .. order.description, function(token)
                  sleep("\(milliseconds(plan.effort))ms")
                  log.info("did", { effect = "ship:" .. order.description, token = token, mode = "\(mode(plan))" })
                  sleep("\(milliseconds(plan.effort))ms")
                end, { mode = "\(mode(plan))" })
                if ok or err.code == "abandoned" then return end
                log.info("not shipped", { index = index, code = err.code })
                sleep("30s")
              end
            end
            local tasks = {}
            for number, order in ipairs(orders) do
              local index = order.index
              order.index = nil
              tasks[number] = task.spawn(function()
                local link = make(order, index)
                if link then
                  local paid, err = link:wait{ timeout = "50m" }
                  if paid then
                    log.info("paid", { id = paid.id })
                    ship(order, index)
                  else
                    log.info("not paid", { id = link.id, code = err.code })
                  end
                end
                log.info("settled", { index = index })
              end)
            end
            for _, each in ipairs(tasks) do each:join() end
            """
    }

    /// Follows up everything that there is to be followed up.
    static func watch(_ plan: Plan) -> String {
        """
        for _, event in ipairs{ "paid", "underpaid", "expired" } do
          paylink.on(event, function(link, token)
            -- An expiry is one event, whatever was paid before it.
            local payment = event ~= "expired" and link.reusable and link.payment and ":" .. link.payment.id or ""
            local effect = "watch:watch:" .. event .. ":" .. link.id .. payment
            log.info("follows up", { event = event, id = link.id, effect = effect })
            sleep("\(milliseconds(plan.effort))ms")
            log.info("did", { effect = effect, token = token, mode = "\(mode(plan))" })
            sleep("\(milliseconds(plan.effort))ms")
          end, { mode = "\(mode(plan))", pause = "20s" })
        end
        """
    }

    static func mode(_ plan: Plan) -> String { plan.seed % 2 == 0 ? "at_most" : "at_least" }

    private static func milliseconds(_ seconds: Double) -> Int { max(1, Int(seconds * 1_000)) }

    /// A script of this process has said something.
    static func heard(_ text: String, _ fields: [String: String], _ process: ShopProcess) {
        let world = process.world
        world.trace.note("\(process.name) says: \(text) \(fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })")
        let index = fields["index"].flatMap { Int($0) }
        let id = fields["id"].flatMap { PayLinkID($0) }
        switch text {
        case "made":
            guard let index, let id else { break }
            world.promises.published(world.plan.orders[index], id, by: process.name)
        case "not made":
            guard let index, let code = fields["code"] else { break }
            _ = world.promises.isFinal(code, for: world.plan.orders[index], by: process.name)
        case "settled":
            if let index { process.settle(index) }
        case "paid":
            if let id { world.promises.saidToBePaid(id, by: process.name) }
        case "follows up":
            if let id, let event = fields["event"] { world.promises.follows(event, id, by: process.name) }
        case "did":
            guard let effect = fields["effect"], let token = fields["token"], let mode = fields["mode"] else { break }
            world.promises.did(effect, token: token, mode: mode, by: process.name)
        default: break
        }
    }
}
