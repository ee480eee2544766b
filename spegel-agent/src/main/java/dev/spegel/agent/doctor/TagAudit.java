package dev.spegel.agent.doctor;

import java.util.List;

/**
 * What became of the tags that an agent advertises when its registry was asked for them; and what it doesn't advertise.
 *
 * @param advertised how many there are
 * @param checked how many of them were asked for in the time that there was
 * @param broken those that can't be served, each with the reason
 * @param heldBack tags that aren't advertised though no filter leaves them out, or some of them, each with the reason
 */
record TagAudit(int advertised, int checked, List<String> broken, List<String> heldBack) {
    TagAudit {
        broken = List.copyOf(broken);
        heldBack = List.copyOf(heldBack);
    }
}
