package dev.spegel.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DialSlotsTest {
    private final DialSlots slots = new DialSlots();

    private void takeAll() {
        for (int i = 0; i < DialSlots.MAX_RUNNING; i++) {
            assertThat(slots.run(() -> {})).isTrue();
        }
    }

    @Test
    void whoeverWaitsGetsItsTurnInOrder() {
        takeAll();
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            slots.run(() -> ran.add(number));
        }
        assertThat(ran).isEmpty();
        slots.release();
        slots.release();
        assertThat(ran).containsExactly(0, 1);
    }

    @Test
    void thoseWhoHaveGivenUpMeanwhileReleaseAtOnceHoweverManyTheyAre() throws Exception {
        takeAll();
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < DialSlots.MAX_WAITING; i++) {
            int number = i;
            assertThat(slots.run(() -> {
                        ran.add(number);
                        slots.release();
                    }))
                    .isTrue();
        }
        assertThat(slots.run(() -> {})).isFalse();

        // On a stack as small as those of the event loops.
        Thread thread = new Thread(null, slots::release, "small", 256 * 1024);
        thread.start();
        thread.join();

        assertThat(ran).hasSize(DialSlots.MAX_WAITING).isSorted();
        slots.run(() -> ran.add(-1));
        assertThat(ran).last().isEqualTo(-1);
    }
}
