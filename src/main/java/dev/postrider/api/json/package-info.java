/**
 * Strict reading of JSON texts that keeps the exact source bytes of every value, and collects what
 * is wrong with a request field by field.
 */
@NullMarked
package dev.postrider.api.json;

import org.jspecify.annotations.NullMarked;
