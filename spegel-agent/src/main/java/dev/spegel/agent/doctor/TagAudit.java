package dev.spegel.agent.doctor;

import java.util.List;

/**
 * What became of the tags that an agent advertises when its registry was asked for them.
 *
 * @param advertised how many there are
 * @param checked how many of them were asked for in the time that there was
 * @param broken those that can't be served, each with the reason
 */
record TagAudit(int advertised, int checked, List<String> broken) {
    TagAudit {
        broken = List.copyOf(broken);
    }
}
