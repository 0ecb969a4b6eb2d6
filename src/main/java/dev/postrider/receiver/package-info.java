/**
 * A webhook receiver to try deliveries against: it records, dedupes and misbehaves on request.
 *
 * <p>Depends on nothing of Postrider but the duration syntax. Its state belongs to one event loop.
 */
@NullMarked
package dev.postrider.receiver;

import org.jspecify.annotations.NullMarked;
