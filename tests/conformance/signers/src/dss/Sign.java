import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.SignatureFieldParameters;
import eu.europa.esig.dss.pades.SignatureImageParameters;
import eu.europa.esig.dss.pades.SignatureImageTextParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.io.File;
import java.security.KeyStore.PasswordProtection;

/** Sign IN.pdf OUT.pdf FIELD KEY.p12 PASSPHRASE: a visible signature by EU DSS. */
final class Sign {
    public static void main(String[] words) throws Exception {
        DSSDocument document = new FileDocument(new File(words[0]));
        var phrase = new PasswordProtection(words[4].toCharArray());
        try (var token = new Pkcs12SignatureToken(new File(words[3]), phrase)) {
            var key = token.getKeys().get(0);
            PAdESSignatureParameters asked = new PAdESSignatureParameters();
            asked.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
            asked.setDigestAlgorithm(DigestAlgorithm.SHA256);
            asked.setSigningCertificate(key.getCertificate());
            asked.setCertificateChain(key.getCertificateChain());
            SignatureFieldParameters field = new SignatureFieldParameters();
            field.setFieldId(words[2]);
            SignatureImageTextParameters text = new SignatureImageTextParameters();
            text.setText("Signed with EU DSS");
            SignatureImageParameters look = new SignatureImageParameters();
            look.setFieldParameters(field);
            look.setTextParameters(text);
            asked.setImageParameters(look);
            PAdESService service = new PAdESService(new CommonCertificateVerifier());
            var value = token.sign(service.getDataToSign(document, asked),
                    asked.getDigestAlgorithm(), key);
            service.signDocument(document, asked, value).save(words[1]);
        }
    }
}
