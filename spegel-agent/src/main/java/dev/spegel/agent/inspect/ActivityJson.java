package dev.spegel.agent.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.spegel.agent.inspect.HistoryReport.Minute;
import dev.spegel.agent.inspect.RequestsReport.MirrorRequest;

/** What a registry did lately, as JSON. Times are in milliseconds, with fractions; what isn't known is left out. */
final class ActivityJson {
    private ActivityJson() {}

    static String write(RequestsReport report) {
        ObjectNode root = ReportJson.JSON.createObjectNode();
        root.put("seen", report.seen());
        ArrayNode requests = root.putArray("requests");
        for (MirrorRequest request : report.requests()) {
            ObjectNode json = requests.addObject();
            json.put("id", request.id());
            json.put("agoMillis", ReportJson.millis(request.ago()));
            json.put("method", request.method());
            json.put("kind", request.kind());
            json.put("content", request.content());
            json.put("hit", request.hit());
            request.servedBy().ifPresent(peer -> json.put("servedBy", peer));
            json.put("status", request.status());
            json.put("bytes", request.bytes());
            json.put("elapsedMillis", ReportJson.millis(request.elapsed()));
            request.whyNot().ifPresent(reason -> json.put("whyNot", reason));
        }
        return ReportJson.text(root);
    }

    static String write(HistoryReport report) {
        ObjectNode root = ReportJson.JSON.createObjectNode();
        ArrayNode minutes = root.putArray("minutes");
        for (Minute minute : report.minutes()) {
            minutes.addObject()
                    .put("hits", minute.hits())
                    .put("misses", minute.misses())
                    .put("bytesFromPeers", minute.fromPeers())
                    .put("bytesToPeers", minute.toPeers())
                    .put("bytesFromStore", minute.fromStore());
        }
        return ReportJson.text(root);
    }
}
