-- Which definitions the reference of tests has, and in which order; words that mean the same as others are left out.
local host = ...

host.reference_title = "The words of tests"
host.reference_sections = {
  { "describe it pending before_each after_each setup teardown finally", "Tests" }, { "spy stub", "Spies and stubs" },
  { "world", "The world" },
}
