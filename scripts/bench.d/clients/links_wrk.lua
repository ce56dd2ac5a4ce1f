-- Makes wrk send the request that creates a pay link: the same bytes every time, nothing parsed.
-- Usage: wrk -s links_wrk.lua URL -- ACCESS_TOKEN
function init(arguments)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. arguments[1]
  wrk.body = '{"amount":12.5,"description":"Order","reuseable":false}'
end
