--[[
  Puts an open run that no attempt holds back in line: into its lane when it is due, else to wait for its time. Or
  puts it aside, paused.
]]
--- @include "lib/close"
--- The next moment at which a run in `state` needs looking at, ms; nil = none.
local function next_moment(rec, state, dispatch_at)
  local at, limit = math.huge, u6(rec, 97)
  if limit > 0 then
    at = limit
  end
  if state == "S" then
    limit = u6(rec, 103)
    if limit > 0 then
      at = math.min(at, dispatch_at + limit)
    end
  elseif state == "W" then
    at = math.min(at, dispatch_at)
  elseif IS_RUNNING[state] then
    limit = u6(rec, 109)
    if limit > 0 then
      at = math.min(at, u6(rec, 19) + limit)
    end
    limit = u6(rec, 115)
    if limit > 0 and not has_flag(rec, FLAG_BUILT_IN) then
      at = math.min(at, math.max(u6(rec, 19), u6(rec, 25)) + limit)
    end
  end
  return at < math.huge and at or nil
end

--- Writes a run as one that no attempt holds, and has it looked at when its next moment comes.
local function put(name, rec, fence, state, dispatch_at, ender, attempt, flags)
  call("SETRANGE", P .. "j:" .. name, "1", fence .. state .. sub(rec, 11, 38) .. ender .. attempt .. p6(dispatch_at)
    .. sub(rec, 50, 70) .. (flags or sub(rec, 71, 71)))
  local at = next_moment(rec, state, dispatch_at)
  if at then
    arm(sub(rec, 73, 80) .. name, at)
  end
end

--- Writes a run back as queued or waiting. attempt: its 4 bytes; flags: the byte, or nil = as it is.
local function put_back(name, rec, dispatch_at, ender, attempt, flags, at_head)
  local state = dispatch_at <= now and "S" or "W"
  local fence = new_fence()
  put(name, rec, fence, state, dispatch_at, ender, attempt, flags)
  if state == "S" then
    local fk, dest, queue = lane_of(rec)
    push(namespace_of(name) .. "/" .. queue, sub(rec, 72, 72), fk, dest, fence .. name, dispatch_at,
      at_head)
  end
end

--- Writes a run as paused; dispatch_at is the soonest that it may be dispatched when it goes on.
local function put_aside(name, rec, dispatch_at, ender, attempt)
  put(name, rec, sub(rec, 2, 9), "P", dispatch_at, ender, attempt)
end
