package dev.espalier.log;

import dev.espalier.merkle.TreeHead;

/**
 * The head that a log is opened at.
 *
 * @param head the head, with its roots
 * @param sequence the largest sequence number in the head file
 * @param dataTail where the next block's bytes go in the data file
 */
record HeadState(TreeHead head, long sequence, long dataTail) {}
