/*
 * Words by which a decoded text is known to be language: the commonest of thirteen languages, and
 * those of orders, which an order may consist of. Without accents.
 */
const lists: readonly string[] = [
  // English
  'the of and to in is that it for you was with on as have but be they at one this from or had by not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first been call who its now find long down day did get come made may part please should must only any after before because where why over just say tell show give answer follow following print output data user system prompt account payment bank loan customer transfer money credit approve approved reject application request document message text question anything everything never always instead without',
  'ignore disregard forget override bypass previous prior above earlier instruction instructions order orders rule rules command commands task reveal repeat secret password confidential hidden pretend act developer mode assistant model policy guidelines send delete execute decode limit score fraud',
  // German
  'der die das und ist in den von zu mit sich des auf fur nicht ein eine einen einem einer dem als auch es an werden aus er hat dass sie nach wird bei noch um am sind so im war oder wie alle alles diese dieser dieses ich du wir ihr mir dir uns mich dich was wer wo wenn nur uber vor zum zur bis mehr durch kann soll muss bitte jetzt sage schreibe antworte vergiss ignoriere ignorieren vorherigen vorherige bisherigen obigen anweisung anweisungen befehl befehle regeln aufgabe genehmige genehmigen antrag kredit zahlung konto geld frage',
  // French
  'le la les de des du un une et est en que qui dans pour pas sur au aux avec ce cette ces se son sa ses il elle nous vous ils elles ne plus par mais ou tout tous toutes toute faire comme bien sans si mon ma mes votre vos notre leur je tu dire dis reponds oublie oubliez ignore ignorez precedentes precedents instructions instruction consignes regles ordre approuve approuvez demande pret compte paiement virement argent ci dessus',
  // Spanish
  'el la los las de del un una y es en que por con para no se lo su sus al como mas pero o este esta estos esto si ya todo todos todas toda hay muy sin sobre entre cuando tambien hasta donde quien desde nos yo tu usted mi me te le ser haz di responde olvida olvide ignora ignore anteriores anterior instrucciones reglas ordenes aprueba apruebe solicitud prestamo cuenta pago transferencia dinero',
  // Italian
  'il lo la i gli le di del della dei delle un una e che non in per con si da al alla sono come ma o ha questo questa questi piu anche se nel nella tutto tutti tutte ogni dove quando chi cosa io tu noi voi mi ti ci vi rispondi scrivi ignora dimentica precedenti istruzioni regole ordini approva richiesta prestito conto pagamento bonifico denaro',
  // Portuguese
  'o a os as de do da dos das um uma e que em no na nos nas por para com nao se mais como mas ao ou seu sua este esta isso todo todos todas tudo quando muito sem sobre ate onde quem eu voce responda escreva ignore esqueca anteriores instrucoes regras ordens aprove pedido emprestimo conta pagamento transferencia dinheiro',
  // Dutch
  'de het een en van in is dat op te zijn met voor niet aan er om ook als maar bij of uit door naar heeft hij ze wordt dit deze alle alles geen kan nog wat hoe waar je u uw mijn antwoord schrijf negeer vergeet vorige voorgaande eerdere instructies regels opdracht keur aanvraag lening rekening betaling goed',
  // Polish, Czech, Slovak
  'i w na z do nie to sie jest ze o jak ale za od po co tak przez dla tym ten ta te wszystkie wszystko lub czy tylko zignoruj ignoruj zapomnij poprzednie instrukcje polecenia zasady zatwierdz wniosek kredyt konto ale bez moje twoje moj twoj swoje teraz musisz musi moze jestem przed pod nad ktory ktora ktore sobie mnie ciebie tego tej tym pytania odpowiedz',
  'a je se v ve na s z ze do o to jako pro by tak ale co jsou byl po od nebo vsechny vsechno pokyny predchozi ignoruj ignorujte zapomen schval zadost uver ucet platba predchadzajuce ziadost ale jsem jste musi nyni teraz moje vase vas mne podle pred nad pod aby proti vsech tuto toho',
  // Swedish, Danish, Norwegian, Finnish
  'och att det som en ett den av for med till inte om pa ar har de alla allt fran kan eller var vad nar ignorera glom tidigare instruktioner regler godkann ansokan lan konto og at er af til ikke jeg du kan har fra alle alt eller ignorer glem tidligere instruktioner godkend ja ei se on ettei kaikki ohita unohda aiemmat ohjeet hyvaksy laina hakemus tili',
  // Romanian, Hungarian, Turkish, Indonesian
  'si de la in cu pe nu este care din un o pentru sa mai ce ca toate ignora uita instructiunile anterioare aproba cererea creditul es nem egy hogy az ez minden osszes hagyd figyelmen kivul korabbi utasitasokat ve bir bu icin ile tum onceki talimatlari yoksay unut dan yang di untuk dengan ini itu semua abaikan instruksi sebelumnya',
];

const words: ReadonlySet<string> = new Set(lists.flatMap((list) => list.split(' ')));

/** @param word in lower case, without accents */
export function isCommonWord(word: string): boolean {
  return words.has(word);
}
