/* A client of the lab: one HTTPS request with Java's own library.
 *
 *     java Java.java HOST PORT TRUST NEWEST(1.2|1.3) FAMILY(ipv4|ipv6) PATIENCE
 *
 * Exit status: 0 an answer came, 1 an error, whose class and text are printed.
 */
import java.io.FileInputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

class Java {
	static SSLContext trusting(String path) throws IOException, GeneralSecurityException {
		KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
		TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		SSLContext context = SSLContext.getInstance("TLS");

		store.load(null, null);
		try (FileInputStream file = new FileInputStream(path)) {
			store.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
		}
		factory.init(store);
		context.init(null, factory.getTrustManagers(), null);
		return context;
	}

	static InetAddress addressOf(String host, boolean ipv6) throws IOException {
		for (InetAddress address : InetAddress.getAllByName(host))
			if (address instanceof Inet6Address == ipv6)
				return address;
		throw new IOException(host + " has no address of this family");
	}

	static void request(String host, int port, String trust, String newest, boolean ipv6, int patience)
			throws IOException, GeneralSecurityException {
		SSLContext context = trusting(trust);

		try (Socket plain = new Socket()) {
			plain.connect(new InetSocketAddress(addressOf(host, ipv6), port), patience);
			plain.setSoTimeout(patience);
			SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
			SSLParameters parameters = secure.getSSLParameters();

			parameters.setEndpointIdentificationAlgorithm("HTTPS");
			parameters.setProtocols(newest.equals("1.2") ? new String[] {"TLSv1.2"} : new String[] {"TLSv1.3", "TLSv1.2"});
			secure.setSSLParameters(parameters);
			secure.getOutputStream().write(("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").getBytes());
			String answer = new String(secure.getInputStream().readAllBytes());
			if (!answer.startsWith("HTTP/1."))
				throw new IOException("the connection was closed without an answer");
			System.out.println(answer.lines().findFirst().get());
		}
	}

	public static void main(String[] words) {
		try {
			request(words[0], Integer.parseInt(words[1]), words[2], words[3], words[4].equals("ipv6"),
				(int) (Double.parseDouble(words[5]) * 1000));
		} catch (IOException | GeneralSecurityException error) {
			System.out.println(error);
			System.exit(1);
		}
	}
}
