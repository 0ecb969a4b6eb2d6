/**
 * The service as its users have it: processes of their own, reached over HTTP, ended by signals.
 */
@NullMarked
package dev.postrider.cluster;

import org.jspecify.annotations.NullMarked;
