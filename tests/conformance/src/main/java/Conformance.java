import java.io.File;
import java.util.logging.LogManager;

import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.processor.reports.enums.JobEndStatus;

/** Validates every PDF named on the command line against PDF/A-3b and PDF/UA-1. */
public final class Conformance {

    /** The exit codes; of several files, the highest counts. */
    private static final int PASSED = 0;
    private static final int FAILED = 1;
    private static final int UNREADABLE = 2;

    /** What every file is held to, whatever it claims of itself in its metadata. */
    private enum Standard {
        PDF_A("PDF/A-3b", PDFAFlavour.PDFA_3_B),
        PDF_UA("PDF/UA-1", PDFAFlavour.PDFUA_1);

        private final String label;
        private final PDFAFlavour flavour;

        Standard(String label, PDFAFlavour flavour) {
            this.label = label;
            this.flavour = flavour;
        }
    }

    private Conformance() {
    }

    public static void main(String[] paths) {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();

        if (paths.length == 0) {
            System.err.println("conformance: no PDF was given.");
            System.exit(UNREADABLE);
        }
        int worst = PASSED;
        for (String path : paths) {
            worst = Math.max(worst, check(path));
        }
        System.exit(worst);
    }

    private static int check(String path) {
        if (!new File(path).isFile()) {
            return unreadable(path, "there is no such file.");
        }
        int worst = PASSED;
        for (Standard standard : Standard.values()) {
            try {
                worst = Math.max(worst, report(path, standard, validate(path, standard.flavour)));
            } catch (Exception | StackOverflowError e) {
                // veraPDF throws unchecked exceptions, too, at broken files.
                Throwable reason = e.getCause() == null ? e : e.getCause();
                return unreadable(path, reason.toString());
            }
        }
        return worst;
    }

    private static ValidationResult validate(String path, PDFAFlavour flavour) throws Exception {
        // Of each failed rule only the first occurrence is kept; all are counted.
        int keptPerRule = 1;
        boolean keepPasses = false;
        boolean messages = true;
        boolean progress = false;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(
                        flavour, keptPerRule, keepPasses, messages, progress)) {
            ValidationResult result = validator.validate(parser);
            if (result.getJobEndStatus() != JobEndStatus.NORMAL || result.getTotalAssertions() == 0) {
                throw new IllegalStateException("the validation did not run to its end");
            }
            return result;
        }
    }

    private static int report(String path, Standard standard, ValidationResult result) {
        boolean passed = result.isCompliant();
        System.out.printf("%s  %s  %d checks  %s%n",
                passed ? "PASS" : "FAIL", standard.label, result.getTotalAssertions(), path);
        for (TestAssertion failure : result.getTestAssertions()) {
            RuleId rule = failure.getRuleId();
            System.out.printf("      clause %s, test %d, occurrences %d: %s%n",
                    rule.getClause(), rule.getTestNumber(),
                    result.getFailedChecks().get(rule), oneLine(failure.getMessage()));
            System.out.printf("        first: %s%n        at %s%n",
                    oneLine(failure.getErrorMessage()), oneLine(failure.getLocation().getContext()));
        }
        return passed ? PASSED : FAILED;
    }

    private static int unreadable(String path, String reason) {
        System.err.printf("conformance: cannot read %s: %s%n", path, oneLine(reason));
        return UNREADABLE;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
