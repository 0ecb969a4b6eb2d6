package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job, as it is at one moment.
 *
 * @param heartbeatDetails the latest stored; any JSON value
 * @param attempts oldest first, the running one included; the middle ones left out past the bound
 * @param attemptsOmitted how many are left out
 * @param rerunOf the closed run that this one repeats
 */
public record Job(
    JobKey key,
    RunId runId,
    String type,
    TaskQueue taskQueue,
    JobState state,
    JobOptions options,
    JobContent content,
    JobTimes times,
    JobOutcome outcome,
    @Nullable Buffer heartbeatDetails,
    List<Attempt> attempts,
    int attemptsOmitted,
    @Nullable RunId rerunOf) {}
