import com.itextpdf.text.pdf.PdfReader;
import com.itextpdf.text.pdf.PdfSignatureAppearance;
import com.itextpdf.text.pdf.PdfStamper;
import com.itextpdf.text.pdf.security.BouncyCastleDigest;
import com.itextpdf.text.pdf.security.MakeSignature;
import com.itextpdf.text.pdf.security.PrivateKeySignature;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.security.PrivateKey;

/** Sign IN.pdf OUT.pdf FIELD KEY.p12 PASSPHRASE: a visible signature by iText 5. */
final class Sign {
    public static void main(String[] words) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] phrase = words[4].toCharArray();
        store.load(new FileInputStream(words[3]), phrase);
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, phrase);

        PdfStamper stamper = PdfStamper.createSignature(
                new PdfReader(words[0]), new FileOutputStream(words[1]), '\0', null, true);
        PdfSignatureAppearance look = stamper.getSignatureAppearance();
        look.setVisibleSignature(words[2]);
        MakeSignature.signDetached(look, new BouncyCastleDigest(),
                new PrivateKeySignature(key, "SHA-256", null), store.getCertificateChain(alias),
                null, null, null, 0, MakeSignature.CryptoStandard.CADES);
    }
}
