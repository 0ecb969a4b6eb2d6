/**
 * HTTP: routes, reading and writing of JSON, problems and limits. What a request means is decided
 * by the dispatch package; nothing here knows the store's implementation.
 */
@NullMarked
package dev.postrider.api;

import org.jspecify.annotations.NullMarked;
