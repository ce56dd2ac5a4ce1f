-- The scheduled run that the script is: `paylink run --job NAME`. Facts only; outside of a job all of them are nil.
local host = ...

local define, misuse, format, tostring, unpack = host.define, host.misuse, string.format, tostring, table.unpack
local known = { job = true, id = true, slot = true, slot_text = true, missed = true, missed_count = true, facts = true }

local function facts()
  local _, _, _, job, id, slot, slot_text, missed_count, slots = unpack(host.facts, 1, host.facts.n)
  local missed = job and {}
  for i = 1, #(slots or {}) do missed[i] = slots[i] end
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

host.module_table("run", {}, function(_, key)
  if known[key] then return now[key] end
  misuse(format("run.%s does not exist%s", tostring(key), host.suggestion(key, known)))
end, function(_, key)
  misuse(format("run.%s cannot be set: run only tells what is", tostring(key)))
end)
