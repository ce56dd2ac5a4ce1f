// A throw-away authority and a certificate of its making, by the openssl program. Nothing of it is ever committed.

import Glibc
package import NIOSSL
import Testing

/// A new authority and one server certificate.
package struct Certificates {
    /// Path of the authority's certificate.
    package let authority: String
    private let folder: TemporaryFolder

    package init(name: String, address: String? = nil) throws {
        folder = try TemporaryFolder()
        let path = folder.path
        authority = folder.file("ca.pem")
        let names = "DNS:\(name)" + (address.map { ",IP:\($0)" } ?? "")
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch"
        let script = """
            cd \(path) && printf 'subjectAltName=\(names)\\nbasicConstraints=CA:FALSE\\n' > ext &&
            openssl req -x509 \(key) -keyout ca.key -out ca.pem -days 2 -subj '/CN=paylink test authority' &&
            openssl req \(key) -keyout server.key -out server.csr -subj '/CN=\(name)' &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem
            """
        let status = system("( \(script) ) >/dev/null 2>&1")
        try #require(status == 0, "the openssl program is needed to make test certificates")
    }

    /// TLS for a server with the certificate.
    package func context(maximum: TLSVersion? = nil) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(folder.file("server.pem")).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: folder.file("server.key"), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.maximumTLSVersion = maximum
        return try NIOSSLContext(configuration: configuration)
    }
}
