/**
 * The Java client and worker: starts and controls jobs over HTTP, and runs an application's
 * handlers for them.
 *
 * <p>Depends on nothing else of Postrider, so that an application can have it alone.
 */
@NullMarked
package dev.postrider.client;

import org.jspecify.annotations.NullMarked;
