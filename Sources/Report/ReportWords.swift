// The words of a report in the service's three languages. Sentences that hold a number are functions: word order differs.

package import OneShotPay
package import Pages

package struct ReportWords: Sendable {
    package var language: PageLanguage
    package var title, asked, received, inFull, short, late, beyond, lacking: String
    package var links, payments, oneLink, onePayment, paid, open, ended, inDoubt, notMade, total, amount, share, time,
        table: String
    package var group: [ReportGrouping: String]
    package var receivedOverTime, timeToPayment, stillUnpaid, paidWithin: String
    package var noKey, account, madeAt: String
    /// Half, and nine in ten, of the links that were paid.
    package var half: @Sendable (_ time: String, _ most: String) -> String
    package var lackingOf: @Sendable (_ amount: String) -> String
    package var beyondOf: @Sendable (_ amount: String) -> String
    package var unshown: @Sendable (_ count: String) -> String
    package var unseen: @Sendable (_ count: String) -> String
    package var unknown: @Sendable (_ count: String, _ amount: String) -> String
    package var orphans: @Sendable (_ count: String) -> String
    package var summary: @Sendable (_ asked: String, _ received: String) -> String
    package var refunds: String
    package var day, hour, minute, second: String

    package static func of(_ language: PageLanguage) -> ReportWords {
        switch language {
        case .english: english
        case .spanish: spanish
        case .turkish: turkish
        }
    }

    static let english = ReportWords(
        language: .english, title: "Pay links", asked: "asked", received: "received", inFull: "in full", short: "short",
        late: "late", beyond: "beyond", lacking: "lacking", links: "links", payments: "payments", oneLink: "link",
        onePayment: "payment", paid: "paid",
        open: "open",
        ended: "ended unpaid", inDoubt: "in doubt", notMade: "not made", total: "total", amount: "amount",
        share: "share",
        time: "time", table: "The numbers",
        group: [.hour: "hour", .day: "day", .month: "month", .key: "key", .description: "description"],
        receivedOverTime: "Asked and received", timeToPayment: "From link to payment", stillUnpaid: "still unpaid",
        paidWithin: "paid", noKey: "(no key)", account: "account", madeAt: "made at",
        half: { "Half of the paid links were paid within \($0), nine in ten within \($1)." },
        lackingOf: { "\($0) lacking" }, beyondOf: { "\($0) beyond what was asked" },
        unshown: { "\($0) link(s) are paid by the service's word, which shows no payment: what came is in no sum." },
        unseen: {
            "\($0) payment(s) of reusable links were counted by the service and never seen: what they brought is in no sum."
        },
        unknown: { "\($0) payment(s), \($1), are for links that this ledger did not make." },
        orphans: { "\($0) request(s) may each have made a link that nobody knows of: paylink ledger doubt list." },
        summary: { "Asked \($0), received \($1)." },
        refunds: "Received is what the service showed as paid. Refunds are not known to it: none is in these sums.",
        day: "d", hour: "h", minute: "min", second: "s")

    static let spanish = ReportWords(
        language: .spanish, title: "Enlaces de pago", asked: "pedido", received: "recibido", inFull: "completo",
        short: "incompleto", late: "tarde", beyond: "de más", lacking: "falta", links: "enlaces", payments: "pagos",
        oneLink: "enlace", onePayment: "pago",
        paid: "pagado", open: "abierto", ended: "sin pagar", inDoubt: "en duda", notMade: "no creado", total: "total",
        amount: "importe", share: "parte", time: "tiempo", table: "Los números",
        group: [.hour: "hora", .day: "día", .month: "mes", .key: "clave", .description: "descripción"],
        receivedOverTime: "Pedido y recibido", timeToPayment: "Del enlace al pago", stillUnpaid: "aún sin pagar",
        paidWithin: "pagados", noKey: "(sin clave)", account: "cuenta", madeAt: "hecho el",
        half: { "La mitad de los enlaces pagados se pagó en \($0), nueve de cada diez en \($1)." },
        lackingOf: { "faltan \($0)" }, beyondOf: { "\($0) más de lo pedido" },
        unshown: {
            "El servicio da por pagados \($0) enlace(s) sin mostrar el pago: lo recibido no está en las sumas."
        },
        unseen: { "El servicio contó \($0) pago(s) de enlaces reutilizables que no se vieron: no están en las sumas." },
        unknown: { "\($0) pago(s), \($1), son de enlaces que este registro no creó." },
        orphans: { "\($0) solicitud(es) pueden haber creado un enlace que nadie conoce: paylink ledger doubt list." },
        summary: { "Pedido \($0), recibido \($1)." },
        refunds:
            "Recibido es lo que el servicio mostró como pagado. No conoce los reembolsos: no están en estas sumas.",
        day: "d", hour: "h", minute: "min", second: "s")

    static let turkish = ReportWords(
        language: .turkish, title: "Ödeme bağlantıları", asked: "istenen", received: "alınan", inFull: "tam",
        short: "eksik",
        late: "geç", beyond: "fazla", lacking: "eksik", links: "bağlantı", payments: "ödeme", oneLink: "bağlantı",
        onePayment: "ödeme", paid: "ödendi",
        open: "açık",
        ended: "ödenmedi", inDoubt: "şüpheli", notMade: "yapılmadı", total: "toplam", amount: "tutar", share: "pay",
        time: "süre", table: "Sayılar",
        group: [.hour: "saat", .day: "gün", .month: "ay", .key: "anahtar", .description: "açıklama"],
        receivedOverTime: "İstenen ve alınan", timeToPayment: "Bağlantıdan ödemeye", stillUnpaid: "henüz ödenmedi",
        paidWithin: "ödendi", noKey: "(anahtarsız)", account: "hesap", madeAt: "hazırlanma",
        half: { "Ödenen bağlantıların yarısı \($0), onda dokuzu \($1) içinde ödendi." },
        lackingOf: { "\($0) eksik" }, beyondOf: { "istenenden \($0) fazla" },
        unshown: { "Hizmet \($0) bağlantıyı ödemesini göstermeden ödendi sayıyor: gelen para toplamlarda yok." },
        unseen: { "Hizmet, yeniden kullanılabilir bağlantıların görülmemiş \($0) ödemesini saydı: toplamlarda yok." },
        unknown: { "\($0) ödeme, \($1), bu defterin yapmadığı bağlantılar için." },
        orphans: { "\($0) istek, kimsenin bilmediği bir bağlantı yapmış olabilir: paylink ledger doubt list." },
        summary: { "İstenen \($0), alınan \($1)." },
        refunds: "Alınan, hizmetin ödendi diye gösterdiğidir. Hizmet iadeleri bilmez: bu toplamlarda iade yoktur.",
        day: "g", hour: "sa", minute: "dk", second: "sn")

    /// A span in its two largest units: `2 min 10 s`.
    package func span(_ seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, day), (seconds / 3_600 % 24, hour), (seconds / 60 % 60, minute), (seconds % 60, second),
        ]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0 \(second)" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    /// So many links, or payments: `1 link`, `2 links`.
    func links(_ count: Int) -> String { "\(language.number(count)) \(count == 1 ? oneLink : links)" }
    func payments(_ count: Int) -> String { "\(language.number(count)) \(count == 1 ? onePayment : payments)" }

    package func money(_ money: Money) -> String { language.money(money.microUSDC) }
}
