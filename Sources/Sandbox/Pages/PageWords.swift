// The words of the checkout page in its three languages.
// Sentences that hold a name or amount are functions, as word order differs.

/// The checkout page's words in one language.
struct PageWords: Sendable {
    var languageName: String
    var banner: String
    var amountDue: String
    var amountPaid: String
    /// The amount of a link that can no longer be paid.
    var amount: String
    var pay: @Sendable (_ amount: String) -> String
    var paying: String
    var payTo: @Sendable (_ merchant: String) -> String
    /// What stands before the time left.
    var timeLeft: String
    var day: String
    var days: String
    var reusableNote: String
    var finePrint: @Sendable (_ merchant: String) -> String
    var paidTitle: String
    var paidText: @Sendable (_ merchant: String) -> String
    var payAgain: String
    var closeHint: String
    var expiredTitle: String
    var archivedTitle: String
    var unpayableText: @Sendable (_ merchant: String) -> String
    var payment: String
    var transaction: String
    var settling: String
    var language: String
    var missingTitle: String
    var missingText: String

    static func `in`(_ locale: Route.Locale) -> PageWords {
        switch locale {
        case .en: english
        case .es: spanish
        case .tr: turkish
        }
    }

    static let english = PageWords(
        languageName: "English",
        banner: "Sandbox: no real money moves",
        amountDue: "Amount due",
        amountPaid: "Amount paid",
        amount: "Amount",
        pay: { "Pay \($0)" },
        paying: "Paying…",
        payTo: { "Pay \($0)" },
        timeLeft: "Expires in",
        day: "day",
        days: "days",
        reusableNote: "This link can be paid more than once.",
        finePrint: { "You pay exactly this amount to \($0), in USDC." },
        paidTitle: "Payment received",
        paidText: { "Thank you. \($0) has received your payment." },
        payAgain: "Pay again",
        closeHint: "You can close this window.",
        expiredTitle: "This link has expired",
        archivedTitle: "This link is no longer available",
        unpayableText: { "Nothing was charged. Ask \($0) for a new link." },
        payment: "Payment",
        transaction: "Transaction",
        settling: "Settling…",
        language: "Language",
        missingTitle: "There is no such pay link",
        missingText: "Check the address, or ask whoever sent it to you."
    )

    static let spanish = PageWords(
        languageName: "Español",
        banner: "Entorno de pruebas: no se mueve dinero real",
        amountDue: "Importe a pagar",
        amountPaid: "Importe pagado",
        amount: "Importe",
        pay: { "Pagar \($0)" },
        paying: "Pagando…",
        payTo: { "Pagar a \($0)" },
        timeLeft: "Caduca en",
        day: "día",
        days: "días",
        reusableNote: "Este enlace se puede pagar más de una vez.",
        finePrint: { "Paga exactamente este importe a \($0), en USDC." },
        paidTitle: "Pago recibido",
        paidText: { "Gracias. \($0) ha recibido su pago." },
        payAgain: "Pagar de nuevo",
        closeHint: "Ya puede cerrar esta ventana.",
        expiredTitle: "Este enlace ha caducado",
        archivedTitle: "Este enlace ya no está disponible",
        unpayableText: { "No se ha cobrado nada. Pida un enlace nuevo a \($0)." },
        payment: "Pago",
        transaction: "Transacción",
        settling: "Confirmando…",
        language: "Idioma",
        missingTitle: "No existe este enlace de pago",
        missingText: "Compruebe la dirección o pregunte a quien se la envió."
    )

    static let turkish = PageWords(
        languageName: "Türkçe",
        banner: "Deneme ortamı: gerçek para aktarılmaz",
        amountDue: "Ödenecek tutar",
        amountPaid: "Ödenen tutar",
        amount: "Tutar",
        pay: { "\($0) öde" },
        paying: "Ödeniyor…",
        payTo: { "\($0) için ödeme" },
        timeLeft: "Kalan süre",
        day: "gün",
        days: "gün",
        reusableNote: "Bu bağlantı birden fazla kez ödenebilir.",
        finePrint: { "Tam olarak bu tutar USDC ile ödenir. Alıcı: \($0)." },
        paidTitle: "Ödeme alındı",
        paidText: { "Teşekkürler. Ödemeniz ulaştı. Alıcı: \($0)." },
        payAgain: "Yeniden öde",
        closeHint: "Bu pencereyi kapatabilirsiniz.",
        expiredTitle: "Bu bağlantının süresi doldu",
        archivedTitle: "Bu bağlantı artık kullanılamıyor",
        unpayableText: { "Hiçbir ücret alınmadı. Yeni bir bağlantı isteyin. Alıcı: \($0)." },
        payment: "Ödeme",
        transaction: "İşlem",
        settling: "Onaylanıyor…",
        language: "Dil",
        missingTitle: "Böyle bir ödeme bağlantısı yok",
        missingText: "Adresi kontrol edin ya da gönderen kişiye sorun."
    )
}
