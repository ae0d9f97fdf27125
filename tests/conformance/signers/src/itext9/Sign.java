import com.itextpdf.forms.form.element.SignatureFieldAppearance;
import com.itextpdf.io.font.PdfEncodings;
import com.itextpdf.kernel.font.PdfFontFactory;
import com.itextpdf.kernel.pdf.PdfReader;
import com.itextpdf.kernel.pdf.StampingProperties;
import com.itextpdf.signatures.BouncyCastleDigest;
import com.itextpdf.signatures.PdfSigner;
import com.itextpdf.signatures.PrivateKeySignature;
import com.itextpdf.signatures.SignerProperties;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Sign IN.pdf OUT.pdf FIELD KEY.p12 PASSPHRASE FONT.ttf: a visible signature by iText 9. */
final class Sign {
    public static void main(String[] words) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] phrase = words[4].toCharArray();
        store.load(new FileInputStream(words[3]), phrase);
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, phrase);

        PdfSigner signer = new PdfSigner(new PdfReader(words[0]), new FileOutputStream(words[1]),
                new StampingProperties().useAppendMode());
        // For a PDF/A, iText refuses to sign with a font that is not embedded.
        SignatureFieldAppearance look =
                new SignatureFieldAppearance(SignerProperties.IGNORED_ID);
        look.setContent("Signed with iText");
        look.setFont(PdfFontFactory.createFont(words[5], PdfEncodings.IDENTITY_H));
        signer.setSignerProperties(
                new SignerProperties().setFieldName(words[2]).setSignatureAppearance(look));
        signer.signDetached(new BouncyCastleDigest(),
                new PrivateKeySignature(key, "SHA-256", "BC"),
                store.getCertificateChain(alias),
                null, null, null, 0, PdfSigner.CryptoStandard.CADES);
    }
}
