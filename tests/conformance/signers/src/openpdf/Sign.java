import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.PdfSignature;
import com.lowagie.text.pdf.PdfSignatureAppearance;
import com.lowagie.text.pdf.PdfStamper;
import com.lowagie.text.pdf.PdfString;
import com.lowagie.text.pdf.PdfDate;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HashMap;
import java.util.List;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Sign IN.pdf OUT.pdf FIELD KEY.p12 PASSPHRASE: a visible signature by OpenPDF. */
final class Sign {
    private static final int ROOM = 15_000;

    public static void main(String[] words) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] phrase = words[4].toCharArray();
        store.load(new FileInputStream(words[3]), phrase);
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, phrase);
        var chain = Arrays.stream(store.getCertificateChain(alias))
                .map(X509Certificate.class::cast).toArray(X509Certificate[]::new);

        PdfReader reader = new PdfReader(words[0]);
        PdfStamper stamper = PdfStamper.createSignature(
                reader, new FileOutputStream(words[1]), '\0', null, true);
        PdfSignatureAppearance look = stamper.getSignatureAppearance();
        look.setVisibleSignature(words[2]);
        look.setCrypto(key, chain, null, PdfSignatureAppearance.WINCER_SIGNED);
        PdfSignature dictionary = new PdfSignature(
                PdfName.ADOBE_PPKLITE, new PdfName("adbe.pkcs7.detached"));
        dictionary.setDate(new PdfDate(Calendar.getInstance()));
        look.setCryptoDictionary(dictionary);
        HashMap<PdfName, Integer> rooms = new HashMap<>();
        rooms.put(PdfName.CONTENTS, ROOM * 2 + 2);
        look.preClose(rooms);
        byte[] made = cms(look.getRangeStream().readAllBytes(), key, chain);
        PdfDictionary more = new PdfDictionary();
        more.put(PdfName.CONTENTS, new PdfString(Arrays.copyOf(made, ROOM)).setHexWriting(true));
        look.close(more);
    }

    private static byte[] cms(byte[] data, PrivateKey key, X509Certificate[] chain)
            throws Exception {
        String kind = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(
                new JcaDigestCalculatorProviderBuilder().build())
                .build(new JcaContentSignerBuilder(kind).build(key), chain[0]));
        generator.addCertificates(new JcaCertStore(List.of(chain)));
        return generator.generate(new CMSProcessableByteArray(data), false).getEncoded("DER");
    }
}
