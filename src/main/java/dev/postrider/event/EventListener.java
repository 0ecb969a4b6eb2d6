package dev.postrider.event;

import dev.postrider.store.JobEvent;

/** Hears the events of one run, in order. */
public interface EventListener {
  /** Something happened to the run. */
  void happened(JobEvent event);

  /** Events may have been trimmed before they were read: look at the run itself. */
  void missed();
}
