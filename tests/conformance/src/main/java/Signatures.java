import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import eu.europa.esig.dss.diagnostic.AbstractSignatureWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.TimestampType;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.reports.Reports;

/**
 * Validates the signatures of every PDF with EU DSS, by its own default policy, from nothing but
 * the file and the certificates to trust: no network.
 */
public final class Signatures {

    /** The exit codes; of several files, the highest counts. */
    private static final int PASSED = 0;
    private static final int FAILED = 1;
    private static final int UNREADABLE = 2;

    /** Of the changes after a signature, no more are printed: one often shows on many ways. */
    private static final int MOST_CHANGES = 3;

    private static final String USAGE =
            "signatures --trust ROOT.pem... --level LEVEL[,LEVEL] --count N FILE.pdf...";

    /** What is printed of a file, and how it counts. */
    private record Verdict(String text, int code) {
    }

    private final CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    private final Set<String> levels = new HashSet<>();
    private final List<String> paths = new ArrayList<>();
    private int count = 1;

    private Signatures() {
    }

    public static void main(String[] arguments) {
        Signatures signatures = new Signatures();
        try {
            signatures.read(arguments);
        } catch (RuntimeException e) {
            System.err.printf("signatures: %s%nusage: %s%n", e.getMessage(), USAGE);
            System.exit(UNREADABLE);
        }
        int worst = PASSED;
        for (Verdict verdict : signatures.paths.parallelStream().map(signatures::check).toList()) {
            (verdict.code == UNREADABLE ? System.err : System.out).print(verdict.text);
            worst = Math.max(worst, verdict.code);
        }
        System.exit(worst);
    }

    private void read(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--trust" -> trusted.addCertificate(
                        DSSUtils.loadCertificate(new File(arguments[++i])));
                case "--level" -> levels.addAll(Arrays.asList(arguments[++i].split(",")));
                case "--count" -> count = Integer.parseInt(arguments[++i]);
                default -> paths.add(arguments[i]);
            }
        }
        if (paths.isEmpty() || levels.isEmpty() || trusted.getCertificates().isEmpty()) {
            throw new IllegalArgumentException("a PDF, a level or a certificate is missing.");
        }
    }

    private Verdict check(String path) {
        if (!new File(path).isFile()) {
            return unreadable(path, "there is no such file.");
        }
        try {
            return report(path, validate(path));
        } catch (Exception | StackOverflowError e) {
            return unreadable(path, e.toString());
        }
    }

    private Reports validate(String path) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        verifier.setCrlSource(null);
        verifier.setOcspSource(null);
        PDFDocumentValidator validator = new PDFDocumentValidator(new FileDocument(path));
        validator.setCertificateVerifier(verifier);
        return validator.validateDocument();
    }

    private Verdict report(String path, Reports reports) {
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        StringBuilder text = new StringBuilder();
        boolean passed = true;
        for (SignatureWrapper signature : data.getSignatures()) {
            String id = signature.getId();
            String level = signature.getSignatureFormat().toString().replace('_', '-');
            List<String> faults = faults(simple, id, signature.getPDFRevision());
            if (!levels.contains(level)) {
                faults.add(0, "level %s, wanted: %s".formatted(level, String.join(", ", levels)));
            }
            boolean ok = simple.getIndication(id) == Indication.TOTAL_PASSED && faults.isEmpty();
            passed &= ok;
            text.append(line(ok, signature, signature.getPDFRevision(), level,
                    simple.getIndication(id), faults));
        }
        Map<String, Indication> indications = indications(simple);
        for (TimestampWrapper timestamp : data.getTimestampList()) {
            Indication indication = indications.get(timestamp.getId());
            boolean ofDocument = timestamp.getType() == TimestampType.DOCUMENT_TIMESTAMP;
            PDFRevisionWrapper revision = ofDocument ? timestamp.getPDFRevision()
                    : timestamp.getTimestampedSignatures().get(0).getPDFRevision();
            List<String> faults = ofDocument ? changes(revision) : List.of();
            boolean ok = indication == Indication.PASSED && faults.isEmpty();
            passed &= ok;
            text.append(line(ok, timestamp, revision,
                    ofDocument ? "document timestamp" : "signature timestamp", indication, faults));
        }
        int found = data.getSignatures().size();
        passed &= found >= count;
        text.insert(0, "%s  %d signatures (at least %d)  %s%n".formatted(
                passed ? "PASS" : "FAIL", found, count, path));
        return new Verdict(text.toString(), passed ? PASSED : FAILED);
    }

    private static Map<String, Indication> indications(SimpleReport simple) {
        Map<String, Indication> all = new HashMap<>();
        for (String id : simple.getTimestampIdList()) {
            all.put(id, simple.getIndication(id));
        }
        for (String id : simple.getSignatureIdList()) {
            for (XmlTimestamp timestamp : simple.getSignatureTimestamps(id)) {
                all.put(timestamp.getId(), timestamp.getIndication());
            }
        }
        return all;
    }

    private static List<String> faults(SimpleReport simple, String id, PDFRevisionWrapper revision) {
        List<String> faults = new ArrayList<>();
        simple.getAdESValidationErrors(id).stream().map(Message::getValue).forEach(faults::add);
        faults.addAll(changes(revision));
        return faults;
    }

    /**
     * Changes after a signature that are neither a signature nor its validation data. The default
     * policy only warns of them: to it, a page turned upside down after all signed is TOTAL_PASSED.
     */
    private static List<String> changes(PDFRevisionWrapper revision) {
        List<String> changes = new ArrayList<>();
        Stream.concat(revision.getPdfUndefinedChanges().stream(),
                        revision.getPdfAnnotationChanges().stream())
                .limit(MOST_CHANGES)
                .forEach(one -> changes.add(one.getAction() + " after it of " + one.getValue()));
        if (revision.arePdfModificationsDetected()) {
            changes.add("pages look different after it");
        }
        return changes;
    }

    private static String line(boolean ok, AbstractSignatureWrapper token,
            PDFRevisionWrapper revision, String level, Indication indication, List<String> faults) {
        String signer = token.getSigningCertificate() == null
                ? "no certificate" : token.getSigningCertificate().getCommonName();
        StringBuilder text = new StringBuilder("%s    %-40s %-30.30s %-20s %s%n".formatted(
                ok ? "ok  " : "BAD ", revision.getFirstFieldName(), signer, level, indication));
        for (String fault : faults) {
            text.append("          %s%n".formatted(fault));
        }
        return text.toString();
    }

    private static Verdict unreadable(String path, String reason) {
        return new Verdict("signatures: cannot read %s: %s%n".formatted(
                path, reason.strip().replaceAll("\\s+", " ")), UNREADABLE);
    }
}
