package dev.espalier.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.merkle.EspalierException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OperationTest {

    private record Said(String word) implements Event {
        @Override
        public String tag() {
            return "said";
        }
    }

    private record Done(int number) {}

    @Test
    void eventsComeInOrderOnTheThreadThatJoins() {
        List<String> words = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        Operation<Done> operation = Operation.of(steps -> {
            steps.emit(new Said("one"));
            steps.execute(() -> steps.emit(new Said("two")));
            steps.emit(new Said("three"));
            steps.execute(() -> steps.emit(new Said("four")));
            return new Done(7);
        });
        operation.onEvent(event -> {
            words.add(((Said) event).word());
            threads.add(Thread.currentThread());
        });
        assertThat(operation.join()).isEqualTo(new Done(7));
        assertThat(words).containsExactly("one", "two", "three", "four");
        assertThat(threads).containsOnly(Thread.currentThread());
    }

    @Test
    void mailFromOtherThreadsKeepsItsOrder() {
        List<String> words = new ArrayList<>();
        Operation<Done> operation = Operation.of(steps -> {
            CompletableFuture<Void> all = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 1000; i++) {
                    String word = Integer.toString(i);
                    steps.execute(() -> steps.emit(new Said(word)));
                }
            });
            assertThat(steps.await(all, () -> false)).isTrue();
            return new Done(0);
        });
        operation.onEvent(event -> words.add(((Said) event).word())).join();
        assertThat(words).hasSize(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(words.get(i)).isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void cancellingEndsAWaitAndTheFutureWaitedFor() throws InterruptedException {
        CompletableFuture<Void> never = new CompletableFuture<>();
        CountDownLatch waiting = new CountDownLatch(1);
        Operation<Done> operation = Operation.of(steps -> {
            waiting.countDown();
            steps.await(never, () -> false);
            return new Done(0);
        });
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread joiner = new Thread(() -> {
            try {
                operation.join();
            } catch (RuntimeException e) {
                thrown.set(e);
            }
        });
        joiner.start();
        assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
        operation.close();
        joiner.join(30_000);
        assertThat(thrown.get())
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INTERRUPTED"));
        assertThat(never).isCancelled();
    }

    @Test
    void anOperationCancelledBeforeDoesNothing() {
        Operation<Done> operation = Operation.of(steps -> {
            throw new AssertionError("it ran");
        });
        operation.cancel();
        assertThatThrownBy(operation::join)
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INTERRUPTED"));
    }

    @Test
    void givingUpCancelsTheFutureAndSaysSo() {
        CompletableFuture<Void> never = new CompletableFuture<>();
        Operation<Done> operation = Operation.of(steps -> new Done(steps.await(never, () -> true) ? 1 : 2));
        assertThat(operation.join()).isEqualTo(new Done(2));
        assertThat(never).isCancelled();
    }

    @Test
    void aFailureOfTheFutureIsTheFailureOfTheWork() {
        EspalierException failure = new EspalierException("ERR_NOT_FOUND", "Not here.");
        Operation<Done> operation = Operation.of(steps -> {
            steps.await(CompletableFuture.failedFuture(failure), () -> false);
            return new Done(0);
        });
        assertThatThrownBy(operation::join).isSameAs(failure);
    }

    @Test
    void anInterruptOfTheThreadCancelsTheWork() {
        Operation<Done> operation = Operation.of(steps -> {
            Thread.currentThread().interrupt();
            steps.pause(Duration.ofDays(1));
            steps.checkCancelled();
            return new Done(0);
        });
        assertThatThrownBy(operation::join)
                .isInstanceOfSatisfying(
                        EspalierException.class, e -> assertThat(e.code()).isEqualTo("ERR_INTERRUPTED"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anOperationRunsOnce() {
        Operation<Done> operation = Operation.of(steps -> new Done(1));
        operation.join();
        assertThatThrownBy(operation::join).isInstanceOf(IllegalStateException.class);
        operation.close();
    }

    @Test
    void failuresOfTheSystemGetACode() {
        assertThat(Failures.of(new NoSuchFileException("/x")).code()).isEqualTo("ERR_NOT_FOUND");
        assertThat(Failures.of(new IOException("No space left on device")).code())
                .isEqualTo("ERR_STORAGE_FULL");
        assertThat(Failures.of(new IOException("broken")).code()).isEqualTo("ERR_OPERATION_FAILED");
        assertThat(Failures.of(new IllegalStateException("oops")).code()).isEqualTo("ERR_INTERNAL_ERROR");
        assertThat(Failures.of(new InternalError("a fault occurred")).code()).isEqualTo("ERR_STORAGE");
        assertThat(Failures.of(new EspalierException("ERR_STORAGE", "/f: No space left on device."))
                        .code())
                .isEqualTo("ERR_STORAGE_FULL");
        assertThat(Failures.of(new IllegalStateException("oops\nand more")).getMessage())
                .doesNotContain("\n")
                .endsWith(".");
    }
}
