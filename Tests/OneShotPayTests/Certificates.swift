// A throw-away authority and a certificate of its making, by the openssl program. Nothing of it is ever committed.

import NIOSSL
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A new authority and one server certificate.
struct Certificates {
    /// Path of the authority's certificate.
    let authority: String
    private let folder: String

    init(name: String, address: String? = nil) throws {
        var template = Array("/tmp/paylink-test-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        authority = "\(folder)/ca.pem"
        let names = "DNS:\(name)" + (address.map { ",IP:\($0)" } ?? "")
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch"
        let script = """
            cd \(folder) && printf 'subjectAltName=\(names)\\nbasicConstraints=CA:FALSE\\n' > ext &&
            openssl req -x509 \(key) -keyout ca.key -out ca.pem -days 2 -subj '/CN=paylink test authority' &&
            openssl req \(key) -keyout server.key -out server.csr -subj '/CN=\(name)' &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem
            """
        let status = system("( \(script) ) >/dev/null 2>&1")
        try #require(status == 0, "the openssl program is needed to make test certificates")
    }

    /// TLS for a server with the certificate.
    func context(maximum: TLSVersion? = nil) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile("\(folder)/server.pem").map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: "\(folder)/server.key", format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.maximumTLSVersion = maximum
        return try NIOSSLContext(configuration: configuration)
    }
}
