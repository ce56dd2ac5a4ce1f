// The dashboard in Turkish.

import Pages
import Report

extension DashboardWords {
    static let turkish = DashboardWords(
        report: .of(.turkish),
        pages: [.today: "Bugün", .links: "Bağlantılar", .doubt: "Şüpheli", .jobs: "İşler", .times: "30 gün"],
        skip: "İçeriğe geç", menu: "Sayfalar", live: "canlı", notLive: "bağlantı yok: sayfayı yenileyin",
        payments: "Son ödemeler", noPayments: "Henüz ödeme görülmedi.", addingUp: "Toplanıyor …",
        asOf: "Hesaplandı:", thirtyDays: "Son 30 gün", today: "Bugün",
        news: { "\($1) için \($0) alındı." },
        search: "Ara", searchHint: "Anahtar, tutar, ödeyen, bağlantı veya açıklamadaki sözler", state: "Durum",
        any: "hepsi", find: "Bul", key: "Anahtar", made: "Yapıldı", description: "Açıklama", older: "Daha eski",
        newest: "En yeni", nothing: "Hiçbir şey bulunamadı.", noLinks: "Henüz bağlantı yapılmadı.", link: "Bağlantı",
        payer: "Ödeyen",
        lookedThrough: { "Söz ve tutara göre en yeni \($0) bağlantıya bakıldı; “Daha eski” sürdürür." },
        states: [
            "active": "açık", "paid": "ödendi", "underpaid": "eksik", "expired": "süresi doldu", "in_doubt": "şüpheli",
            "rejected": "reddedildi", "abandoned": "vazgeçildi", "prepared": "gönderilmedi", "under_way": "sürüyor",
            "unknown": "bilinmiyor", "archived": "arşivlendi", "done": "yapıldı", "running": "sürüyor",
            "failed": "başarısız", "open": "yinelenecek",
            "late": "geç ödendi",
        ],
        terms: "Yazıldığı gibi koşullar", requests: "İstekler", attempts: "Yapmak için istekler",
        possibleOrphans: "Her biri kimsenin bilmediği bir bağlantı yapmış olabilir", problem: "Son sorun",
        status: "Durum", address: "Ödeme sayfası", expires: "Süre sonu", reusable: "Birden çok kez ödenebilir",
        payment: "Ödeme", effects: "Ardından", lacking: "eksik", beyond: "istenenden fazla",
        late: "bağlantı bittikten sonra", seenAt: "görüldü", transaction: "İşlem", settled: "Elle çözüldü",
        dismissedBy: "kapatan", recorded: "Kayıt", changed: "Son değişiklik",
        unseen: "Sayılıp hiç görülmeyen ödemeler", isUnknown: "bilinmiyor",
        noDoubt: "Şüpheli bir şey yok.",
        doubtLink:
            "İstek gönderildi, ne olduğunu hiçbir yanıt söylemiyor: müşterinin ödeyebileceği bir bağlantı olabilir. Yeniden göndermeden önce hizmetin kendi sayfalarına bakın.",
        doubtOrphan: "Bu bağlantı çözüldü, ama önceki bir istek kimsenin bilmediği başka birini yapmış olabilir.",
        doubtWaiting:
            "Yeniden açık: sonraki çalışma ya da izleme onu yeniden gönderir. Önceki isteklerin her biri bir bağlantı yapmış olabilir.",
        doubtEffect: "Ardından gelecek olan başladı, sonu kaydedilmedi: olmuş olabilir. Yinelemeden önce bakın.",
        commands: "Uçbirimde", readOnly: "Burada karar verilemez: paneli --allow-actions ile başlatın.",
        more: "Yalnızca en yeniler gösteriliyor.",
        actions: [
            .retry: "Yapılmadı: yeniden gönder", .abandon: "Vazgeç", .dismiss: "Yok: kapat",
            .happened: "Oldu", .retryEffect: "Yeniden çalıştır", .abandonEffect: "Vazgeç",
        ],
        warnings: [
            .retry: "İlk istek bir bağlantı yaptıysa müşteri iki kez ödeyebilir.",
            .abandon: "Yeniden gönderilmez. İlk istek bir bağlantı yaptıysa müşteri onu yine de ödeyebilir.",
            .dismiss: "Başka bağlantı yapılmadığını söylediğiniz kaydedilir.",
            .happened: "Yeniden çalışmaz.", .retryEffect: "Olduysa iki kez olur.",
            .abandonEffect: "Olmuş olsun olmasın, yeniden çalışmaz.",
        ],
        confirm: "Emin misiniz?", yes: "Evet, yap", back: "Geri",
        done: "Yapıldı ve kaydedildi.",
        refused: "Hiçbir şey değişmedi: zaten çözülmüş ya da başka bir süreçte sürüyor.",
        jobs: "İşler", batches: "Toplu işler", noJobs: "Kayıtlı çalışma yok.", noBatches: "Kayıtlı toplu iş yok.",
        command: "Komut", schedule: "Zamanlama", next: "Sonraki", lastRuns: "Son sıralar, en yenisi sağda",
        logEnd: "Günlüğünün sonu",
        noLog: "Yazdıklarından bir şey saklanmadı.", started: "Başladı", took: "Sürdü", ended: "Bitti",
        missed: "öncesinde kaçırılan", slot: "Sıra",
        outcomes: [
            .ran: "çalıştı", .failed: "başarısız", .missed: "kaçırıldı", .skipped: "atlandı", .interrupted: "kesildi",
            .running: "sürüyor",
        ],
        notFound: "Burada bir şey yok.")
}
