package dev.espalier.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The open logs of a store whose files are open and mapped, at most so many at a time. Where there are more, some that
 * were not used for long go idle: put on the device, their files closed, their mappings dropped. A log becomes one of
 * these again by its next use, of which nobody notices anything but the time it takes.
 *
 * <p>Who was used lately is found out as a clock does: a hand goes around, passes over whoever was used since it last came
 * by, and stops at the first that was not. So a use costs a reader no more than setting a flag.
 *
 * <p>A log that is being written to is passed over, so that there may be more of them than the limit says for the time of
 * those writes.
 *
 * <p><b>Threading:</b> any thread. The lock of this object is never held while a log is put on the device; whoever holds
 * the write lock of a log may take it.
 */
final class MappedLogs {

    private final int most;
    private final Deque<Member> clock = new ArrayDeque<>();

    /** For at most {@code most} logs. */
    MappedLogs(int most) {
        this.most = most;
    }

    /** The place of one open log among the others. */
    final class Member {

        private final LogCore log;
        private volatile boolean recent;
        private boolean mapped;
        private boolean gone;

        private Member(LogCore log) {
            this.log = log;
        }

        /** Notes a use. */
        void used() {
            if (!recent) {
                recent = true;
            }
        }

        /** Takes the files into use, if they are not; before the first use, and before any that writes. */
        void wake() {
            recent = true;
            MappedLogs.this.wake(this);
        }

        /** Drops mappings and closes files, unless the log was taken into use again. */
        void idle() {
            synchronized (MappedLogs.this) {
                if (!mapped && !gone) {
                    log.files().idle(this::wake);
                }
            }
        }

        /** The log is closed. */
        void close() {
            synchronized (MappedLogs.this) {
                gone = true;
                clock.remove(this);
            }
        }
    }

    /** A place for a log that is not in use yet. */
    Member join(LogCore log) {
        return new Member(log);
    }

    private void wake(Member member) {
        List<Member> idle = new ArrayList<>();
        synchronized (this) {
            if (member.mapped || member.gone) {
                return;
            }
            member.mapped = true;
            member.log.files().idle(null);
            clock.add(member);
            while (clock.size() > most && clock.size() > 1) {
                Member next = next(member);
                next.mapped = false;
                idle.add(next);
            }
        }
        for (Member one : idle) {
            if (!one.log.rest()) {
                keep(one);
            }
        }
    }

    /** Turns the hand to a log that was not used since it last came by, but not to {@code newest}. */
    private Member next(Member newest) {
        for (int seen = 0; ; seen++) {
            Member one = clock.remove();
            // Those in use all the time would keep the hand going.
            if (one != newest && (!one.recent || seen > 2 * clock.size())) {
                return one;
            }
            one.recent = false;
            clock.add(one);
        }
    }

    /** Somebody writes to it. */
    private synchronized void keep(Member member) {
        if (!member.mapped && !member.gone) {
            member.mapped = true;
            clock.add(member);
        }
    }
}
