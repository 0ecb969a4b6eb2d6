--[[
  Finding one run of a job, and what the controls share.
]]
--- @include "lib/start_over"
--- The record of a run and its key: the latest, or the one with `run_id` ("" = latest); nil if there is none.
local function find_run(name, run_id)
  local key = P .. "j:" .. name
  local rec = call("GET", key)
  if run_id == "" or (rec and sub(rec, 73, 80) == run_id) then
    return rec, key
  end
  key = P .. "j0:" .. name .. "/" .. run_id
  rec = call("GET", key)
  return rec, key
end

--- Whether the last control of this kind on the run had this request id.
local function repeated(rec, kind, request_id)
  return request_id ~= "" and has_flag(rec, FLAG_CONTROLS)
    and call("HGET", P .. "c:" .. sub(rec, 73, 80), kind) == request_id
end

--- Where a run stands: {tag, state, run_id, dispatch_at_ms}.
local function stands(tag, key)
  local rec = call("GETRANGE", key, 0, 127)
  return { tag, sub(rec, 10, 10), sub(rec, 73, 80), num(u6(rec, 44)) }
end

--- What the controls begin with. The record of the run that is meant, its key, its name and its state, while the control
-- may be applied; else nil and the answer. Arguments: KEYS[2] the job's key, ARGV[4] run id, ARGV[5] request id. refused:
-- the states of open runs that it does not apply to.
local function controlled(kind, refused)
  local name = sub(KEYS[2], #P + 3)
  local rec, key = find_run(name, ARGV[4])
  if not rec then
    return nil, { "not_found" }
  end
  local state = sub(rec, 10, 10)
  if repeated(rec, kind, ARGV[5]) then
    return nil, stands("ok", key)
  end
  if IS_CLOSED[state] then
    return nil, { "closed", state }
  end
  if refused and string.find(refused, state, 1, true) then
    return nil, { "invalid", state }
  end
  return rec, key, name, state
end

--- Keeps the request id and reason of a control, and marks the record that it has such; the record as it is then.
local function keep_control(key, rec, kind, request_id, reason)
  local set = { P .. "c:" .. sub(rec, 73, 80), kind, request_id }
  if reason ~= "" then
    set[4], set[5] = "reason", reason
  end
  call("HSET", unpack(set))
  rec = flagged(rec, FLAG_CONTROLS, true)
  call("SETRANGE", key, "70", sub(rec, 71, 71))
  return rec
end

--- Ends an open run at once. status: X or T.
local function end_now(name, rec, status)
  leave_place(name, rec)
  local flags = with_flag(rec, FLAG_CONTROLS)
  if IS_RUNNING[sub(rec, 10, 10)] then
    keep_attempt(rec, status, nil, "", "")
    flags = with_flag(sub(rec, 1, 70) .. flags, FLAG_ATTEMPTS)
  end
  close(name, rec, status, ender_at_close(rec), NO_OUTCOME, "-", flags)
end
