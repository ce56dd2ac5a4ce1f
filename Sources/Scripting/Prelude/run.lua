-- The scheduled run that the script is: `paylink run --job NAME`. Facts only; outside of a job all of them are nil.
local host = ...

local define, misuse, format, tostring = host.define, host.misuse, string.format, tostring
local known = { job = true, id = true, slot = true, slot_text = true, missed = true, missed_count = true, facts = true }

local function facts()
  local job, id, slot, slot_text, missed_count, missed = host.job_facts()
  return { job = job, id = id, slot = slot, slot_text = slot_text, missed_count = missed_count, missed = missed }
end

local now = facts()

now.facts = define{
  name = "run.facts",
  summary = "What is known of this run as a job of `paylink run --job NAME`; each field is also one of `run` itself, as in `run.slot`."
    .. " Fields: `job` (its name), `id` (of the run: `paylink runs show ID`), `slot` (the time that the run stands for, in Unix"
    .. " seconds), `slot_text` (the same in the schedule's zone, ISO 8601), `missed` (a list of up to 100 slots that passed"
    .. " without a run before this one, oldest first), `missed_count` (how many). Without a schedule `slot` is nil and `missed`"
    .. " empty; outside of a job all are nil.",
  parameters = {},
  returns = "a new table of these fields",
  example = 'if run.slot then\n  print("report for " .. run.slot_text, run.missed_count .. " missed")\nend\nassert(run.facts().job == run.job)',
  fn = facts,
}

local run = host.module_table("run", {})
local meta = { __name = "run", __metatable = false }
function meta.__index(_, key)
  if known[key] then return now[key] end
  misuse(format("run.%s does not exist%s", tostring(key), host.suggestion(key, known)))
end
function meta.__newindex(_, key)
  misuse(format("run.%s cannot be set: run only tells what is", tostring(key)))
end
setmetatable(run, meta)
