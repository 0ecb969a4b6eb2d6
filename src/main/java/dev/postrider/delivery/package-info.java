/**
 * Webhooks: checks where one may go, POSTs it and tells what became of it.
 *
 * <p>Invariant: a connection goes only to the very address that was checked, on every attempt anew.
 */
@NullMarked
package dev.postrider.delivery;

import org.jspecify.annotations.NullMarked;
